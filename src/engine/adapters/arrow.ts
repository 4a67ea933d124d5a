/** Arrow (arXiv 2405.11157): which of many LoRA experts works on a token, found from the experts' own weights. */

import { TillerError } from "../../base/error.js";
import { hookNames, type Hook, type HookValue } from "../graph/hooks.js";
import { groups, groupSize, type Group, type LinearModule } from "../graph/modules.js";
import { placeOf, type AdaptedModel, type Adapter, type LowRank } from "./adapter.js";
import { writeA, writeB } from "./compose.js";
import { singularOf } from "./singular.js";

/** By `placeOf`: the direction of the inputs that B A stretches most, of length 1. [columns] */
export type Prototypes = ReadonlyMap<string, Float64Array>;

export interface Expert {
  readonly adapter: Adapter;
  readonly prototypes: Prototypes;
}

export interface RoutingNumbers {
  readonly topK: number;
  readonly temperature: number;
}

/** Throws `adapter-unsupported` for what is no plain LoRA adapter. */
export function checkExpert({ facts }: Adapter): void {
  if (facts.form === "lora") return;
  throw new TillerError("adapter-unsupported", `${facts.path} is ${facts.form}; only LoRA adapters can be routed.`);
}

export function prototypesOf({ lowRank }: Adapter): Prototypes {
  const found = new Map<string, Float64Array>();
  for (const [place, it] of lowRank) found.set(place, singularOf(it).right.slice(0, it.a.length / it.rank));
  return found;
}

/** Throws `usage` for impossible numbers. */
export function checkRouting(experts: number, { topK, temperature }: RoutingNumbers): void {
  if (experts < 1) throw new TillerError("usage", "Routing needs at least one expert. Name a folder of LoRA adapters.");
  if (!Number.isInteger(topK) || topK < 1)
    throw new TillerError("usage", `The number of experts for a token is a whole number from 1, not ${topK}.`);
  if (!(0 < temperature && Number.isFinite(temperature)))
    throw new TillerError("usage", `The temperature of routing is a number above 0, not ${temperature}.`);
}

export interface RoutingParts {
  readonly hooks: ReadonlySet<Hook>;
  readonly values: ReadonlyMap<string, HookValue>;
}

/** What the hooks of routing are fed with: `graph/hooks.ts`. */
export function composeRouting(
  experts: readonly Expert[],
  { topK, temperature }: RoutingNumbers,
  model: AdaptedModel,
): RoutingParts {
  const hooks = new Set<Hook>();
  const values = new Map<string, HookValue>();
  for (const group of routedGroups(experts, model)) {
    hooks.add(`routed.${group}`);
    for (let layer = 0; layer < model.shape.layers; layer++) {
      const { v, a, b, expand } = routedPlace(experts, model, layer, group);
      values.set(hookNames.routed(layer, group, "v"), v);
      values.set(hookNames.routed(layer, group, "a"), a);
      values.set(hookNames.routed(layer, group, "b"), b);
      values.set(hookNames.routed(layer, group, "expand"), expand);
    }
  }
  const count = Math.min(topK, experts.length);
  values.set(hookNames.routedCount, { dims: [1], data: BigInt64Array.of(BigInt(count)) });
  values.set(hookNames.routedTemperature, { dims: [1], data: Float32Array.of(temperature) });
  return { hooks, values };
}

export function routedGroups(experts: readonly Expert[], { modules, shape }: AdaptedModel): Group[] {
  const changes = (module: LinearModule) =>
    experts.some(({ adapter }) =>
      Array.from({ length: shape.layers }, (_, layer) => adapter.lowRank.has(placeOf(layer, module))).includes(true),
    );
  return groups.filter((group) => modules.some((it) => it.group === group && changes(it)));
}

function routedPlace(experts: readonly Expert[], { modules }: AdaptedModel, layer: number, group: Group) {
  const own = modules.filter((it) => it.group === group);
  const { rows, columns } = groupSize(modules, group);
  const scored = own.length * experts.length;
  const v = new Float32Array(columns * scored);
  const found: { readonly lowRank: LowRank; readonly module: LinearModule; readonly column: number }[] = [];
  own.forEach((module, m) =>
    experts.forEach(({ adapter, prototypes }, e) => {
      const column = m * experts.length + e;
      const key = placeOf(layer, module);
      const lowRank = adapter.lowRank.get(key);
      if (lowRank === undefined) return;
      found.push({ lowRank, module, column });
      prototypes.get(key)!.forEach((it, i) => (v[i * scored + column] = it));
    }),
  );
  const rank = found.reduce((sum, it) => sum + it.lowRank.rank, 0);
  const a = new Float32Array(columns * rank);
  const b = new Float32Array(rank * rows);
  const expand = new Float32Array(scored * rank);
  let first = 0;
  for (const { lowRank, module, column } of found) {
    writeA(a, lowRank, first, rank);
    writeB(b, lowRank, { first, rows, firstRow: module.firstRow, factor: lowRank.scaling });
    expand.fill(1, column * rank + first, column * rank + first + lowRank.rank);
    first += lowRank.rank;
  }
  return {
    v: { dims: [columns, scored], data: v },
    a: { dims: [columns, rank], data: a },
    b: { dims: [rank, rows], data: b },
    expand: { dims: [scored, rank], data: expand },
  };
}
