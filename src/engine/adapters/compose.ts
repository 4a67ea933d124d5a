/** Adapters with their scales -> what a graph's hooks are fed with. Effects add up, as PEFT adds them. */

import { TillerError } from "../../base/error.js";
import { hookNames, sublayers, type Activation, type Hook, type HookValue, type Sublayer } from "../graph/hooks.js";
import { groups, groupSize, type Group, type LinearModule } from "../graph/modules.js";
import {
  placeOf,
  sublayerOf,
  type AdaptedModel,
  type Adapter,
  type Bottleneck,
  type LowRank,
  type PrefixLayer,
} from "./adapter.js";
import { doraRatios } from "./dora.js";
import { concatenate } from "./matrix.js";

export interface ScaledAdapter {
  readonly adapter: Adapter;
  readonly scale: number;
  /** As in `AdapterUse`. */
  readonly layers?: readonly [number, number] | undefined;
}

/** What a request adds to a model, ready to be fed. */
export interface Composition {
  readonly hooks: ReadonlySet<Hook>;
  readonly values: ReadonlyMap<string, HookValue>;
  /** Vectors in front of the embeddings, [n, hidden]. */
  readonly softPrompt: Float32Array;
  /** Keys and values in front of all others, by layers, and how many positions they take. */
  readonly prefix: readonly PrefixLayer[];
  readonly prefixTokens: number;
  readonly memoryBytes: number;
}

/** Scales beyond it are slips of the keyboard. */
const MOST_SCALE = 100;

export function checkScale(scale: number): void {
  if (Number.isFinite(scale) && Math.abs(scale) <= MOST_SCALE) return;
  throw new TillerError(
    "usage",
    `The scale of an adapter is a number from -${MOST_SCALE} to ${MOST_SCALE}, not ${scale}.`,
  );
}

/** Throws `usage` for a scale that an adapter's form does not have. */
export function compose(all: readonly ScaledAdapter[], model: AdaptedModel): Composition {
  for (const it of all) checkScaled(it);
  const used = all.filter((it) => it.scale !== 0);
  const parts = new Parts();
  for (const group of groups) {
    for (let layer = 0; layer < model.shape.layers; layer++) {
      const modules = model.modules.filter((it) => it.group === group);
      addLora(parts, used, model, { layer, group, modules });
      addScales(parts, used, model, { layer, group, modules });
    }
  }
  for (let layer = 0; layer < model.shape.layers; layer++)
    for (const sublayer of sublayers) addBottlenecks(parts, used, layer, sublayer);
  for (let layer = 0; layer < model.shape.layers; layer++) addDirections(parts, used, layer, model.shape.hiddenSize);
  const prefixes = used.flatMap(({ adapter: { prefix } }) => (prefix === undefined ? [] : [prefix]));
  const prefix = prefixes.length === 0 ? [] : joinPrefixes(prefixes, model.shape.layers);
  const { kvHeads, headSize } = model.shape;
  const softPrompt = concatenate(used.flatMap(({ adapter: { softPrompt } }) => softPrompt ?? []));
  const bytes = [...parts.values.values()].reduce((sum, it) => sum + it.data.byteLength, softPrompt.byteLength);
  return {
    hooks: parts.hooks,
    values: parts.values,
    softPrompt,
    prefix,
    prefixTokens: (prefix[0]?.key.length ?? 0) / (kvHeads * headSize),
    memoryBytes: prefix.reduce((sum, it) => sum + it.key.byteLength + it.value.byteLength, bytes),
  };
}

function checkScaled({ adapter: { facts, softPrompt, prefix, directions }, scale, layers }: ScaledAdapter): void {
  checkScale(scale);
  if (layers !== undefined && directions.size === 0)
    throw new TillerError(
      "usage",
      `${facts.name} is ${facts.form}: only a control vector can be kept to some layers. Leave "layers" out.`,
    );
  if ((softPrompt === undefined && prefix === undefined) || scale === 1 || scale === 0) return;
  throw new TillerError(
    "usage",
    `${facts.name} stands in front of the prompt (${facts.form}): it can be used (scale 1) or left out (0), not scaled by ${scale}.`,
  );
}

class Parts {
  readonly hooks = new Set<Hook>();
  readonly values = new Map<string, HookValue>();

  add(hook: Hook, name: string, dims: readonly number[], data: Float32Array): void {
    this.hooks.add(hook);
    this.values.set(name, { dims, data });
  }
}

interface GroupPlace {
  readonly layer: number;
  readonly group: Group;
  readonly modules: readonly LinearModule[];
}

/** Ranks stand side by side: A [columns, ranks], and B [ranks, rows] with zeros outside of each one's own rows. */
function addLora(parts: Parts, used: readonly ScaledAdapter[], model: AdaptedModel, place: GroupPlace): void {
  const { layer, group, modules } = place;
  const found = modules.flatMap((module) =>
    used.flatMap(({ adapter, scale }) => {
      const lowRank = adapter.lowRank.get(placeOf(layer, module));
      return lowRank === undefined ? [] : [{ module, lowRank, scale }];
    }),
  );
  if (found.length === 0) return;
  const { rows, columns } = groupSize(model.modules, group);
  const rank = found.reduce((sum, it) => sum + it.lowRank.rank, 0);
  const a = new Float32Array(columns * rank);
  const b = new Float32Array(rank * rows);
  const scales = new Float32Array(rows).fill(1);
  let first = 0;
  for (const { module, lowRank, scale } of found) {
    const ratios = lowRank.magnitude && doraRatios(lowRank, scale, model.weights(layer, module));
    writeA(a, lowRank, first, rank);
    writeB(b, lowRank, { first, rows, firstRow: module.firstRow, factor: lowRank.scaling * scale, ratios });
    ratios?.forEach((it, row) => (scales[module.firstRow + row]! += it - 1));
    first += lowRank.rank;
  }
  parts.add(`lora.${group}`, hookNames.loraA(layer, group), [1, columns, rank], a);
  parts.add(`lora.${group}`, hookNames.loraB(layer, group), [1, rank, rows], b);
  if (found.some((it) => it.lowRank.magnitude !== undefined))
    parts.add(`outputScale.${group}`, hookNames.outputScale(layer, group), [1, 1, rows], scales);
}

export function writeA(target: Float32Array, { a, rank: own }: LowRank, first: number, rank: number): void {
  const columns = a.length / own;
  for (let r = 0; r < own; r++) {
    for (let column = 0; column < columns; column++) target[column * rank + first + r] = a[r * columns + column]!;
  }
}

interface Target {
  /** The first of its ranks. */
  readonly first: number;
  /** Of the whole group. */
  readonly rows: number;
  readonly firstRow: number;
  readonly factor: number;
  /** Further factors, row by row. */
  readonly ratios?: Float32Array | undefined;
}

export function writeB(
  target: Float32Array,
  { b, rank }: LowRank,
  { first, rows, firstRow, factor, ratios }: Target,
): void {
  const own = b.length / rank;
  for (let row = 0; row < own; row++) {
    const by = factor * (ratios?.[row] ?? 1);
    for (let r = 0; r < rank; r++) target[(first + r) * rows + firstRow + row] = by * b[row * rank + r]!;
  }
}

/** l of several adapters multiply; a scale goes from 1 (nothing) towards l. */
function addScales(parts: Parts, used: readonly ScaledAdapter[], model: AdaptedModel, place: GroupPlace): void {
  const { layer, group, modules } = place;
  const { rows, columns } = groupSize(model.modules, group);
  const multiply = (target: Float32Array, from: number, values: Float32Array, scale: number) =>
    values.forEach((it, i) => (target[from + i]! *= 1 + scale * (it - 1)));
  for (const { adapter, scale } of used) {
    for (const module of modules) {
      const key = placeOf(layer, module);
      const output = adapter.outputScales.get(key);
      const input = adapter.inputScales.get(key);
      if (output !== undefined) {
        const name = hookNames.outputScale(layer, group);
        const known = parts.values.get(name)?.data as Float32Array | undefined;
        const target = known ?? new Float32Array(rows).fill(1);
        multiply(target, module.firstRow, output, scale);
        parts.add(`outputScale.${group}`, name, [1, 1, rows], target);
      }
      if (input !== undefined) {
        if (1 < modules.length)
          throw new TillerError(
            "adapter-unsupported",
            `${adapter.facts.name} scales the inputs of ${module.peftName}, which it shares with others here.`,
          );
        const name = hookNames.inputScale(layer, group);
        const known = parts.values.get(name)?.data as Float32Array | undefined;
        const target = known ?? new Float32Array(columns).fill(1);
        multiply(target, 0, input, scale);
        parts.add(`inputScale.${group}`, name, [1, 1, columns], target);
      }
    }
  }
}

/** strength * direction, summed over all control vectors that steer the layer. */
function addDirections(parts: Parts, used: readonly ScaledAdapter[], layer: number, hiddenSize: number): void {
  const found = used.flatMap(({ adapter, scale, layers: [first, last] = [0, Infinity] }) => {
    const direction = first <= layer && layer <= last ? adapter.directions.get(layer) : undefined;
    return direction === undefined ? [] : [{ direction, scale }];
  });
  if (found.length === 0) return;
  const sum = new Float32Array(hiddenSize);
  for (const { direction, scale } of found) direction.forEach((it, i) => (sum[i]! += scale * it));
  parts.add("steer", hookNames.steer(layer), [1, 1, hiddenSize], sum);
}

function addBottlenecks(parts: Parts, used: readonly ScaledAdapter[], layer: number, sublayer: Sublayer): void {
  const byActivation = new Map<Activation, { readonly module: Bottleneck; readonly scale: number }[]>();
  for (const { adapter, scale } of used) {
    const module = adapter.bottlenecks.get(sublayerOf(layer, sublayer));
    if (module === undefined) continue;
    byActivation.set(module.activation, [...(byActivation.get(module.activation) ?? []), { module, scale }]);
  }
  for (const [activation, modules] of byActivation) {
    const hidden = modules[0]!.module.upBias.length;
    const width = modules.reduce((sum, it) => sum + it.module.width, 0);
    const down = new Float32Array(hidden * width);
    const downStream = new Float32Array(hidden * width);
    const up = new Float32Array(width * hidden);
    const upBias = new Float32Array(hidden);
    let first = 0;
    for (const { module, scale } of modules) {
      const asLowRank = { rank: module.width, a: module.down, b: module.up, scaling: 1 };
      writeA(down, asLowRank, first, width);
      if (module.readsStream) writeA(downStream, asLowRank, first, width);
      writeB(up, asLowRank, { first, rows: hidden, firstRow: 0, factor: scale });
      module.upBias.forEach((it, i) => (upBias[i]! += scale * it));
      first += module.width;
    }
    const downBias = concatenate(modules.map((it) => it.module.downBias));
    const hook: Hook = `bottleneck.${sublayer}.${activation}`;
    const name = (part: Parameters<typeof hookNames.bottleneck>[3]) =>
      hookNames.bottleneck(layer, sublayer, activation, part);
    parts.add(hook, name("down"), [1, hidden, width], down);
    parts.add(hook, name("downStream"), [1, hidden, width], downStream);
    parts.add(hook, name("downBias"), [1, 1, width], downBias);
    parts.add(hook, name("up"), [1, width, hidden], up);
    parts.add(hook, name("upBias"), [1, 1, hidden], upBias);
  }
}

function joinPrefixes(prefixes: readonly (readonly PrefixLayer[])[], layers: number): PrefixLayer[] {
  return Array.from({ length: layers }, (_, layer) => ({
    key: concatenate(prefixes.map((it) => it[layer]!.key)),
    value: concatenate(prefixes.map((it) => it[layer]!.value)),
  }));
}
