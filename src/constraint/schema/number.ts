/**
 * JSON numbers within bounds, exactly: a state is the text so far, and a digit is allowed when some number that begins like
 * this satisfies everything. Decimals are whole numbers times 10^-20; no floating point decides about a bound.
 */

import { DEAD, type ByteAutomaton } from "../automaton.js";
import { fromRegex } from "../language.js";
import { literal, type Regex } from "../regex/syntax.js";

export interface NumberRules {
  /** Fixed-point values; undefined: no bound. Inclusive, as all values of the scale can be counted. */
  readonly low: bigint | undefined;
  readonly high: bigint | undefined;
  readonly multiples: readonly bigint[];
  /** Of none of these it may be a multiple. */
  readonly others: readonly bigint[];
  /** Values that are excluded. */
  readonly excluded: readonly bigint[];
}

const SCALE_DIGITS = 20;
export const ONE = 10n ** BigInt(SCALE_DIGITS);
/** Digits before the point. More would leave what a double can hold apart, and a model writes them only when it is lost. */
const MOST_WHOLE_DIGITS = 20;
/** A double tells at most this many significant digits apart. */
const MOST_DIGITS = 17;

/** Undefined for what needs more than 20 decimals. */
export function fixedPoint(value: number): bigint | undefined {
  return fromText(String(value));
}

function fromText(text: string): bigint | undefined {
  const parts = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/.exec(text);
  if (parts === null) return undefined;
  const [, sign, whole, fraction = "", exponent = "0"] = parts;
  const shift = SCALE_DIGITS + Number(exponent) - fraction.length;
  const digits = BigInt(whole! + fraction);
  if (400 < shift) return undefined;
  const scaled = 0 <= shift ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift);
  if (shift < 0 && scaled * 10n ** BigInt(-shift) !== digits) return undefined;
  return sign === "-" ? -scaled : scaled;
}

/** Values that are looked at, one after the other, for one that is not excluded. */
const MOST_TRIES = 1000;

const digit: Regex = { kind: "set", ranges: [[48, 57]] };
const optional = (item: Regex): Regex => ({ kind: "repeat", item, min: 0, max: 1 });
const wholeNumber: Regex = {
  kind: "sequence",
  items: [
    optional(literal("-")),
    {
      kind: "either",
      items: [
        literal("0"),
        {
          kind: "sequence",
          items: [
            { kind: "set", ranges: [[49, 57]] },
            { kind: "repeat", item: digit, min: 0, max: MOST_WHOLE_DIGITS - 1 },
          ],
        },
      ],
    },
  ],
};
const anyNumber: Regex = {
  kind: "sequence",
  items: [
    wholeNumber,
    optional({
      kind: "sequence",
      items: [literal("."), { kind: "repeat", item: digit, min: 1, max: SCALE_DIGITS }],
    }),
    optional({
      kind: "sequence",
      items: [
        {
          kind: "set",
          ranges: [
            [69, 69],
            [101, 101],
          ],
        },
        optional({
          kind: "set",
          ranges: [
            [43, 43],
            [45, 45],
          ],
        }),
        // Three digits could leave what a double can hold.
        { kind: "repeat", item: digit, min: 1, max: 2 },
      ],
    }),
  ],
};

export function numberAutomaton({ low, high, multiples, others, excluded }: NumberRules): ByteAutomaton {
  const whole = multiples.some((it) => it % ONE === 0n);
  const step = multiples.reduce(leastCommonMultiple, 1n);
  if (low === undefined && high === undefined && excluded.length + others.length === 0) {
    if (multiples.length === 0) return fromRegex(anyNumber);
    if (step === ONE) return fromRegex(wholeNumber);
  }
  return boundedAutomaton({ low, high, step, others, excluded, whole });
}

interface Bounded {
  readonly low: bigint | undefined;
  readonly high: bigint | undefined;
  /** All values are multiples of it. */
  readonly step: bigint;
  readonly others: readonly bigint[];
  readonly excluded: readonly bigint[];
  /** Only whole numbers. */
  readonly whole: boolean;
}

function boundedAutomaton(rules: Bounded): ByteAutomaton {
  const ids = new Map<string, number>();
  const texts: string[] = [];
  const known = new Map<string, boolean>();
  const decimals = decimalsOf(rules);

  const intern = (text: string): number => {
    let id = ids.get(text);
    if (id === undefined) ids.set(text, (id = texts.push(text) - 1));
    return id;
  };

  const accepts = (text: string): boolean => {
    if (!/^-?\d+(\.\d+)?$/.test(text)) return false;
    const value = fromText(text)!;
    // The reader will round to a double, and may round out of the bounds.
    return isAllowed(value) && (text.length < 15 || survivesRounding(text));
  };

  const isAllowed = (value: bigint): boolean => {
    const { low, high, step, others, excluded } = rules;
    if ((low !== undefined && value < low) || (high !== undefined && high < value)) return false;
    return value % step === 0n && !excluded.includes(value) && others.every((it) => value % it !== 0n);
  };

  const survivesRounding = (text: string): boolean => {
    const rounded = fixedPoint(Number(text));
    if (rounded === undefined) return false;
    return isAllowed(rounded);
  };

  /** Some accepted text begins like this. */
  const alive = (text: string): boolean => {
    let found = known.get(text);
    if (found === undefined) known.set(text, (found = findAlive(text)));
    return found;
  };

  const findAlive = (text: string): boolean => {
    if (!/^-?(?:0|[1-9]\d*)?(?:(?<=\d)\.\d*)?$/.test(text)) return false;
    const point = text.indexOf(".");
    const digits = text.replace(/[-.]/g, "");
    if (MOST_DIGITS < digits.replace(/^0+/, "").length) return false;
    if (0 <= point && (decimals === 0 || decimals < text.length - point - 1)) return false;
    if (accepts(text)) return true;
    if (MOST_DIGITS <= digits.replace(/^0+/, "").length) return false;
    return endings(text).some(([from, to]) => holdsValue(from, to));
  };

  /** The ranges of values (magnitudes with their sign) that texts with this beginning have. */
  const endings = (text: string): [bigint, bigint][] => {
    const negative = text.startsWith("-");
    const magnitude = negative ? text.slice(1) : text;
    const point = magnitude.indexOf(".");
    const found: [bigint, bigint][] = [];
    if (0 <= point) {
      const missing = SCALE_DIGITS - (magnitude.length - point - 1);
      const from = BigInt(magnitude.replace(".", "")) * 10n ** BigInt(missing);
      found.push([from, from + 10n ** BigInt(missing) - 1n]);
    } else if (magnitude === "") {
      const most = 10n ** BigInt(MOST_DIGITS) * ONE;
      found.push([negative ? 0n : -most, most]);
    } else {
      const begun = BigInt(magnitude);
      const most = begun === 0n ? 0 : MOST_DIGITS - magnitude.length;
      for (let more = 0; more <= most; more++) {
        const from = begun * 10n ** BigInt(more) * ONE;
        found.push([from, from + 10n ** BigInt(more) * ONE - 1n]);
      }
    }
    return negative ? found.map(([from, to]) => [-to, -from]) : found;
  };

  /** Between `from` and `to` lies an allowed value that can be written with the decimals there are. */
  const holdsValue = (from: bigint, to: bigint): boolean => {
    const grain = leastCommonMultiple(rules.step, 10n ** BigInt(SCALE_DIGITS - decimals));
    const first = rules.low === undefined || rules.low < from ? from : rules.low;
    const last = rules.high === undefined || to < rules.high ? to : rules.high;
    let value = ceilDivide(first, grain) * grain;
    for (let tries = 0; tries < MOST_TRIES && value <= last; tries++, value += grain) if (isAllowed(value)) return true;
    return false;
  };

  const shortest = (text: string): number => {
    let level = [text];
    for (let steps = 0; steps <= SCALE_DIGITS + MOST_WHOLE_DIGITS && 0 < level.length; steps++) {
      if (level.some(accepts)) return steps;
      // Texts of one length differ little in what they need; a few of them stand for all.
      level = level.flatMap((it) => [..."-.0123456789"].map((c) => it + c).filter(alive)).slice(0, 64);
    }
    return Infinity;
  };

  const start = alive("") ? intern("") : DEAD;
  return {
    start: start === DEAD || shortest("") === Infinity ? DEAD : start,
    step(state, byte) {
      const text = texts[state]! + String.fromCharCode(byte);
      return (byte < 48 || 57 < byte) && byte !== 45 && byte !== 46 ? DEAD : alive(text) ? intern(text) : DEAD;
    },
    accepts: (state) => accepts(texts[state]!),
    continues: (state) => [..."-.0123456789"].some((it) => alive(texts[state]! + it)),
    shortest: (state) => shortest(texts[state]!),
  };
}

/** Decimals that can make a difference: none for whole numbers, what the step has, and otherwise many. */
function decimalsOf({ step, whole }: Bounded): number {
  if (whole || step % ONE === 0n) return 0;
  if (step === 1n) return MOST_DIGITS;
  let digits = SCALE_DIGITS;
  for (let rest = step; rest % 10n === 0n && 0 < digits; rest /= 10n) digits--;
  return digits;
}

function ceilDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return quotient * b < a ? quotient + 1n : quotient;
}

export function leastCommonMultiple(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return (a / x) * b;
}
