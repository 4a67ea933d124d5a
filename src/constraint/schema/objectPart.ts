/** A JSON object: its properties in any order, each at most once. */

import { DEAD, type ByteAutomaton } from "../automaton.js";
import { jsonString } from "../jsonString.js";
import { anyLanguage } from "../language.js";
import { literalSet } from "../literals.js";
import type { Call, CallingPart, FlatPart } from "../machine.js";
import { product, REJECTED } from "../product.js";
import { unsupported } from "../refuse.js";
import { demandsOn, type ObjectAlternative } from "./alternatives.js";
import type { Demands } from "./demands.js";
import type { PartsContext } from "./partsContext.js";
import { holdsText, propertyNames } from "./sizes.js";

const OPEN = 0x7b;
const CLOSE = 0x7d;
const COLON = 0x3a;
const COMMA = 0x2c;
const SPACE = 0x20;

type Phase = "start" | "open" | "key" | "spaced key" | "colon" | "value" | "spaced value" | "after" | "end";

/** What has been written of the object so far, as far as it matters. */
interface Progress {
  readonly id: number;
  /** Places of the named properties, in order. */
  readonly seen: readonly number[];
  /** Other properties, counted only where there is an upper end. */
  readonly others: number;
  /**
   * Kinds of other properties. Their names are not remembered, and a name that comes twice is one property: only those of
   * different kinds are certain to be different, and count for `minProperties`.
   */
  readonly kinds: readonly number[];
}

interface State {
  readonly phase: Phase;
  readonly progress: Progress;
  /** The value of the property whose name was just written. */
  readonly value: Demands | undefined;
}

interface Named {
  readonly key: string;
  readonly value: Demands;
  /** Bytes of the key, the colon and a shortest value. */
  readonly size: number;
}

export function objectPart(context: PartsContext, object: ObjectAlternative): CallingPart {
  const { reader, sizes, newCall } = context;
  const { min, max, names, required: requiredNames } = object;
  const { anything, join } = reader.demands;

  const allNames = propertyNames(object);
  const named: readonly Named[] = allNames
    .map((name) => ({ name, value: demandsOn(object, name, anything, join) }))
    .filter(({ name }) => names.every((it) => holdsText(it.automaton, name)))
    .map(({ name, value }) => ({ name, key: JSON.stringify(name), value, size: 0 }))
    .map((it) => ({ ...it, size: bytesOf(it.key) + 1 + sizes.of(it.value) }))
    .filter(({ size }) => size < Infinity);
  const required = named.flatMap((it, i) => (requiredNames.has(JSON.parse(it.key) as string) ? [i] : []));
  const countsOthers = max < Infinity;
  const countsKinds = required.length < min || 0 < object.outside.length;
  /** For each set of names that asks for a property outside of it: the named ones that are. */
  const outside = object.outside.map(
    (names) => new Set(named.flatMap((it, i) => (names.has(JSON.parse(it.key) as string) ? [] : [i]))),
  );

  const progresses = new Map<string, Progress>();
  const states: State[] = [];
  const ids = new Map<string, number>();
  const calls = new Map<number, readonly Call[]>();
  const keyCalls = new Map<Progress, readonly Call[]>();
  let others: OtherKeys | undefined;

  const progressOf = (seen: readonly number[], count: number, kinds: readonly number[]): Progress => {
    const kept = countsOthers ? count : 0;
    const keptKinds = countsKinds ? kinds : [];
    const key = `${seen.join()};${kept};${keptKinds.join()}`;
    let found = progresses.get(key);
    if (found === undefined)
      progresses.set(key, (found = { id: progresses.size, seen, others: kept, kinds: keptKinds }));
    return found;
  };

  const intern = (phase: Phase, progress: Progress, value?: Demands): number => {
    const key = `${phase}:${progress.id}:${value?.id ?? ""}`;
    let id = ids.get(key);
    if (id === undefined) ids.set(key, (id = states.push({ phase, progress, value }) - 1));
    return id;
  };

  const missingRequired = ({ seen }: Progress) => required.filter((it) => !seen.includes(it));
  /** Every other property is outside of all the sets: their names are all named. */
  const missingOutside = ({ seen, kinds }: Progress) =>
    0 < kinds.length ? [] : outside.filter((it) => !seen.some((i) => it.has(i)));
  const isComplete = (progress: Progress) =>
    missingRequired(progress).length === 0 &&
    min <= progress.seen.length + progress.kinds.length &&
    missingOutside(progress).length === 0;
  const withNamed = ({ seen, others: count, kinds }: Progress, index: number) =>
    progressOf(
      [...seen, index].sort((a, b) => a - b),
      count,
      kinds,
    );
  const withOther = ({ seen, others: count, kinds }: Progress, kind: number) =>
    progressOf(seen, count + 1, kinds.includes(kind) ? kinds : [...kinds, kind].sort((a, b) => a - b));
  /** What must still come has room. */
  const fits = (progress: Progress) =>
    progress.seen.length + progress.others + missingRequired(progress).length + missingOutside(progress).length <= max;

  const callsForKeys = (progress: Progress): readonly Call[] => {
    let found = keyCalls.get(progress);
    if (found !== undefined) return found;
    const list: Call[] = [];
    const open = named.map((_, i) => i).filter((i) => !progress.seen.includes(i) && fits(withNamed(progress, i)));
    if (0 < open.length) {
      const automaton = literalSet(
        open.map((i) => named[i]!.key),
        (i) => 1 + sizes.of(named[open[i]!]!.value) + rest(withNamed(progress, open[i]!)),
      );
      const part: FlatPart = { kind: "flat", automaton };
      list.push(newCall(part, (tag) => intern("colon", withNamed(progress, open[tag]!), named[open[tag]!]!.value), 0));
    }
    const other = fits(progressOf(progress.seen, progress.others + 1, [])) ? otherKeys() : undefined;
    if (other !== undefined && other.part.automaton.start !== DEAD) {
      const after = rest(withOther(progress, -1));
      list.push(
        newCall(
          other.part,
          (tag) => intern("colon", withOther(progress, tag), other.values[tag]!),
          1 + other.largest + after,
        ),
      );
    }
    keyCalls.set(progress, (found = list));
    return found;
  };

  /** Least bytes behind a value: what must still come, and the closing brace. */
  const rests = new Map<Progress, number>();
  const rest = (progress: Progress): number => {
    let found = rests.get(progress);
    if (found === undefined) rests.set(progress, (found = 1 + fillers(progress).reduce((sum, it) => sum + 1 + it, 0)));
    return found;
  };

  /** Sizes of the properties that a shortest ending adds. */
  const fillers = (progress: Progress): readonly number[] => {
    const missing = missingRequired(progress);
    const open = missingOutside(progress).filter((it) => !missing.some((i) => it.has(i)));
    const sizesOfRequired = [...missing.map((i) => named[i]!.size), ...open.map((it) => outsider(progress, it))];
    const needed = min - progress.seen.length - progress.kinds.length - sizesOfRequired.length;
    if (needed <= 0) return sizesOfRequired;
    const optional = named.filter((_, i) => !progress.seen.includes(i) && !missing.includes(i)).map((it) => it.size);
    const other = otherKeys();
    if (other !== undefined && other.part.automaton.start !== DEAD && progress.kinds.length === 0)
      optional.push(other.part.automaton.shortest(other.part.automaton.start) + 1 + other.largest);
    const chosen = optional.sort((a, b) => a - b).slice(0, needed);
    return chosen.length < needed ? [Infinity] : [...sizesOfRequired, ...chosen];
  };

  /** The least that a property outside of the names takes. */
  const outsider = ({ seen }: Progress, of: ReadonlySet<number>): number => {
    const sizesOfNamed = [...of].filter((i) => !seen.includes(i)).map((i) => named[i]!.size);
    const other = otherKeys();
    const start = other?.part.automaton.start ?? DEAD;
    if (other !== undefined && start !== DEAD)
      sizesOfNamed.push(other.part.automaton.shortest(start) + 1 + other.largest);
    return Math.min(Infinity, ...sizesOfNamed);
  };

  const otherKeys = (): OtherKeys | undefined =>
    (others ??= createOtherKeys(context, object, allNames)).values.length === 0 && others.closed ? undefined : others;

  for (const it of named) context.valuePart(it.value);
  refuseUntold(min - required.length, otherKeys());
  const canGoOn = (progress: Progress) => 0 < callsForKeys(progress).length;
  const start = intern("start", progressOf([], 0, []));
  return {
    kind: "calling",
    start,
    step(id, byte) {
      const { phase, progress, value } = states[id]!;
      switch (phase) {
        case "start":
          return byte === OPEN ? [intern("open", progress)] : [];
        case "open":
          return byte === CLOSE && isComplete(progress) ? [intern("end", progress)] : [];
        case "key":
          return byte === SPACE && context.spaces ? [intern("spaced key", progress)] : [];
        case "colon":
          return byte === COLON ? [intern("value", progress, value)] : [];
        case "value":
          return byte === SPACE && context.spaces ? [intern("spaced value", progress, value)] : [];
        case "after":
          if (byte === CLOSE) return isComplete(progress) ? [intern("end", progress)] : [];
          return byte === COMMA && canGoOn(progress) ? [intern("key", progress)] : [];
        default:
          return [];
      }
    },
    calls(id) {
      const { phase, progress, value } = states[id]!;
      if (phase === "open" || phase === "key" || phase === "spaced key") return callsForKeys(progress);
      if (phase !== "value" && phase !== "spaced value") return [];
      let found = calls.get(id);
      if (found === undefined)
        calls.set(id, (found = [newCall(context.valuePart(value!), () => intern("after", progress), rest(progress))]));
      return found;
    },
    accepts: (id) => states[id]!.phase === "end",
    reads(id) {
      const { phase } = states[id]!;
      if (phase === "key" || phase === "value") return context.spaces;
      return phase === "start" || phase === "open" || phase === "colon" || phase === "after";
    },
    shortest(id) {
      const { phase, progress, value } = states[id]!;
      switch (phase) {
        case "start":
          return 2 + firstProperties(progress);
        case "open":
          return 1 + firstProperties(progress);
        case "key":
        case "spaced key":
          return Math.min(...callsForKeys(progress).map((it) => keySize(it) + it.rest));
        case "colon":
          return 1 + sizes.of(value!) + rest(progress);
        case "value":
        case "spaced value":
          return sizes.of(value!) + rest(progress);
        case "after":
          return rest(progress);
        default:
          return 0;
      }
    },
  };

  function firstProperties(progress: Progress): number {
    const parts = fillers(progress);
    return parts.reduce((sum, it) => sum + it, 0) + Math.max(0, parts.length - 1);
  }
}

/**
 * The names of properties that no schema names are not remembered, so that two of them cannot be told from one that comes
 * twice. One of them counts; where more would have to, valid objects could not be written.
 */
function refuseUntold(missing: number, others: OtherKeys | undefined): void {
  if (missing < 2 || others === undefined || others.part.automaton.start === DEAD) return;
  throw unsupported(
    "`minProperties` asks for several properties that the schema does not name, which cannot be told apart. " +
      "Name them, or set `additionalProperties: false`.",
  );
}

interface OtherKeys {
  readonly part: FlatPart;
  /** What stands behind a key, by the tag of how it was accepted. */
  readonly values: Demands[];
  /** The largest of the shortest values. */
  readonly largest: number;
  /** No other property is allowed. */
  readonly closed: boolean;
}

/** Keys that no schema names, by the patterns that they match. */
function createOtherKeys(
  { reader, sizes, valuePart }: PartsContext,
  object: ObjectAlternative,
  named: readonly string[],
): OtherKeys {
  const { anything, join } = reader.demands;
  const patterns = object.groups.flatMap((group) => group.patterns.map((it) => ({ ...it, group })));
  const values: Demands[] = [];
  const tags = new Map<Demands, number>();
  const tagOf = (value: Demands): number => {
    if (sizes.of(value) === Infinity) return REJECTED;
    let tag = tags.get(value);
    if (tag === undefined) tags.set(value, (tag = values.push(value) - 1));
    return tag;
  };
  const valueOf = (matched: readonly boolean[]): Demands =>
    object.groups.reduce((found, group) => {
      const own = patterns.filter((it, i) => it.group === group && matched[i] === true);
      if (0 < own.length) return own.reduce((all, it) => join(all, it.value), found);
      return group.additional === undefined ? found : join(found, group.additional);
    }, anything);
  const plainTag = tagOf(valueOf([]));
  const closed = plainTag === REJECTED && patterns.every((it) => sizes.of(it.value) === Infinity);
  if (closed) return { part: { kind: "flat", automaton: literalSet([]) }, values, largest: 0, closed };

  const parts: ByteAutomaton[] = [
    anyLanguage,
    ...object.names.map((it) => it.automaton),
    literalSet(named),
    ...patterns.map((it) => it.language.automaton),
  ];
  const mandatory = 1 + object.names.length;
  const keys = product(
    parts,
    parts.map((_, i) => i < mandatory),
    (accepted) =>
      accepted.slice(0, mandatory).every(Boolean) && accepted[mandatory] !== true
        ? tagOf(valueOf(accepted.slice(mandatory + 1)))
        : REJECTED,
  );
  const possible = [valueOf([]), ...patterns.map((_, i) => valueOf(patterns.map((__, k) => k === i)))];
  for (const it of possible) if (sizes.of(it) < Infinity) valuePart(it);
  const largest = Math.max(...possible.map((it) => sizes.of(it)).filter((size) => size < Infinity));
  return { part: { kind: "flat", automaton: jsonString(keys) }, values, largest, closed };
}

function keySize({ part }: Call): number {
  return part.kind === "flat" ? part.automaton.shortest(part.automaton.start) : part.shortest(part.start);
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
