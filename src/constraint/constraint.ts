/** A constraint at work: which tokens may come next, and what has been written so far. */

import type { ConstraintSpec } from "../protocol/constraint.js";
import type { ByteAutomaton } from "./automaton.js";
import { parseGrammar } from "./gbnf/parse.js";
import { grammarPart } from "./gbnf/parts.js";
import { fromRegex, regexLanguage } from "./language.js";
import { literalSet } from "./literals.js";
import { Machine, type Part, type Situation } from "./machine.js";
import { intersection, tagged } from "./product.js";
import { createEndingTokens, type EndingTokens } from "./endingTokens.js";
import { onlyByte, shortestEnding } from "./explain.js";
import { invalid, unsupported } from "./refuse.js";
import { anyText, literal } from "./regex/syntax.js";
import { createShared, type Shared } from "./shared.js";
import { readSchema } from "./schema/expand.js";
import { eitherPart, sequencePart, sizeOf } from "./sequence.js";
import { schemaPart } from "./schema/parts.js";
import { textLanguage } from "./text/limits.js";
import { endingWith } from "./text/stopped.js";
import { TokenMasks } from "./tokenMask.js";
import type { Vocabulary } from "./vocabulary.js";

/** What one text may be. Masks are kept by state, for as long as this object lives. */
export interface CompiledConstraint {
  begin(): ConstraintState;
  /** Memory that the masks found so far take. */
  maskBytes(): number;
}

export interface ConstraintState {
  /** Bits of the tokens that may come next. Not to be changed. */
  mask(): Uint32Array;
  /** Whether these bytes may follow. */
  takes(bytes: Uint8Array): boolean;
  /** Takes the bytes of a token that the mask allowed. */
  advance(bytes: Uint8Array): void;
  /** Nothing may follow: the text is complete. */
  isFinished(): boolean;
  /** The text may end here. */
  accepts(): boolean;
  /** Bytes of a shortest text that completes what was written; no more tokens than that are needed. */
  shortest(): number;
  /** A shortest text that completes what was written. */
  ending(): Uint8Array;
  /** Tokens that complete what was written, at most. `count` gives the tokens of some bytes; always the same function. */
  endingTokens(count: (bytes: Uint8Array) => number): number;
  /** The bytes of that way to the end, in pieces that were counted each by itself. */
  endingPieces(): readonly Uint8Array[];
  /** The same situation, to try something out. */
  fork(): ConstraintState;
  /** The bytes that must come next, whatever is written: empty where there is a choice, or where the text may end. */
  forced(): Uint8Array;
}

/** Throws `constraint-invalid` for a constraint that nothing satisfies, `constraint-unsupported` for what cannot be kept. */
export function compileConstraint(
  spec: ConstraintSpec,
  vocabulary: Vocabulary,
  shared: Shared = createShared(vocabulary),
): CompiledConstraint {
  const machine = compileMachine(spec, shared);
  const masks = new TokenMasks(machine, vocabulary, shared);
  const endings = createEndingTokens(machine);
  return {
    begin: () => begin({ machine, endings, maskOf: (situation) => masks.of(situation) }),
    maskBytes: () => masks.bytes(),
  };
}

/** The machine alone, for checking texts without a model. */
export function compileMachine(spec: ConstraintSpec, shared?: Pick<Shared, "part">): Machine {
  try {
    const part = partOf(spec, shared?.part ?? ((_, make) => make()));
    if (sizeOf(part) === Infinity) throw invalid("Nothing satisfies the constraint.");
    return new Machine(part);
  } catch (error) {
    // The stack is full: something is inside of itself thousands of times.
    if (error instanceof RangeError) throw unsupported("The constraint nests too deeply.");
    throw error;
  }
}

function partOf(spec: ConstraintSpec, known: Shared["part"]): Part {
  switch (spec.kind) {
    case "choice":
      return { kind: "flat", automaton: choiceOf(spec.options) };
    case "startsWith":
    case "regex":
    case "text":
    case "all":
      return known(spec, () => ({ kind: "flat", automaton: tagged(languageOf(spec)) }));
    case "json": {
      return schemaPart(readSchema(spec.schema), { spaces: spec.spaces === true });
    }
    case "grammar":
      return grammarPart(parseGrammar(spec.gbnf));
    case "sequence":
      return sequencePart(spec.items.map((it) => partOf(it, known)));
    case "either":
      if (spec.items.length === 0) throw invalid("An alternative needs at least one way.");
      return eitherPart(spec.items.map((it) => partOf(it, known)));
    default:
      return spec satisfies never;
  }
}

/** Throws `constraint-unsupported` for what nests, and so is no set of texts that automata alone can tell. */
function languageOf(spec: ConstraintSpec): ByteAutomaton {
  switch (spec.kind) {
    case "choice":
      return choiceOf(spec.options);
    case "startsWith":
      return fromRegex({ kind: "sequence", items: [literal(spec.text), anyText] });
    case "regex":
      return regexLanguage(spec.source, { whole: true });
    case "text":
      return textLanguage(spec.limits);
    case "all": {
      if (spec.items.length === 0) throw invalid("A constraint of several parts has none.");
      const all = intersection(spec.items.map(languageOf));
      return spec.stop === undefined || spec.stop.length === 0 ? all : endingWith(all, spec.stop);
    }
    default:
      throw unsupported(`\`${spec.kind}\` cannot be combined with other limits of the text.`);
  }
}

function choiceOf(options: readonly string[]): ReturnType<typeof literalSet> {
  if (options.length === 0) throw invalid("A choice needs at least one option.");
  if (options.includes("")) throw invalid("An option of a choice is empty.");
  return literalSet(options);
}

interface Parts {
  readonly machine: Machine;
  readonly endings: EndingTokens;
  readonly maskOf: (situation: Situation) => Uint32Array;
}

function begin(parts: Parts, from = parts.machine.begin()): ConstraintState {
  const { machine, endings, maskOf } = parts;
  let situation = from;
  const after = (bytes: Uint8Array) => bytes.reduce<Situation>((at, byte) => machine.step(at, byte), situation);
  return {
    mask: () => maskOf(situation),
    takes: (bytes) => after(bytes) !== machine.dead,
    advance(bytes) {
      situation = after(bytes);
      if (situation === machine.dead) throw new Error("a token that the constraint forbids was written");
    },
    isFinished: () => situation.threads.length === 0,
    accepts: () => situation.accepts,
    shortest: () => machine.shortest(situation),
    ending: () => shortestEnding(machine, situation),
    endingTokens: (count) => endings.of(situation, count),
    endingPieces: () => endings.pieces(situation),
    fork: () => begin(parts, situation),
    forced: () => forcedBytes(machine, situation),
  };
}

/** More forced text than this is appended in several steps. */
const MOST_FORCED = 4096;

function forcedBytes(machine: Machine, from: Situation): Uint8Array {
  const found: number[] = [];
  let situation = from;
  for (let only = onlyByte(machine, from); only !== undefined && found.length < MOST_FORCED;) {
    found.push(only);
    situation = machine.step(situation, only);
    only = onlyByte(machine, situation);
  }
  return Uint8Array.from(found);
}
