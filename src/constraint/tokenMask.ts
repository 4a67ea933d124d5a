/**
 * The tokens that may come next, as a set of bits: bit i % 32 of word i / 32 stands for token i.
 *
 * Inside of a flat part it does not matter who called it. The tokens that stay inside are found once for each of its states;
 * for those that end it and go on, only the branches behind the end are walked with the callers' states.
 */

import { DEAD } from "./automaton.js";
import type { InnerMask } from "./freeMasks.js";
import type { FlatPart, Machine, Situation, Thread } from "./machine.js";
import { REJECTED } from "./product.js";
import type { Shared } from "./shared.js";
import { byteKind, type Vocabulary } from "./vocabulary.js";

/** About 20 MB for a vocabulary of 50,000. */
const MOST_KEPT = 3000;

export class TokenMasks {
  readonly #situations = new Map<Situation, Uint32Array>();
  /** Masks inside of the parts that were met, by state. */
  readonly #inside = new Map<FlatPart, Map<string, InnerMask>>();
  readonly #loops = new Map<FlatPart, Map<number, number>>();

  constructor(
    private readonly machine: Machine,
    private readonly vocabulary: Vocabulary,
    private readonly shared: Shared,
  ) {}

  /** Tokens all of whose bytes may follow, and those that end a text where it may end. Not to be changed. */
  of(situation: Situation): Uint32Array {
    const known = this.#situations.get(situation);
    if (known !== undefined) return known;
    const mask = new Uint32Array(Math.ceil(this.vocabulary.size / 32));
    for (const it of situation.threads) this.#add(it, mask);
    if (situation.accepts) for (const id of this.vocabulary.ends) mask[id >> 5]! |= 1 << (id & 31);
    if (MOST_KEPT < this.#situations.size) this.#situations.clear();
    this.#situations.set(situation, mask);
    return mask;
  }

  /** Memory that the masks found so far take. */
  bytes(): number {
    const inside = [...this.#inside.values()].reduce((sum, it) => sum + it.size, 0);
    return (this.#situations.size + inside) * Math.ceil(this.vocabulary.size / 32) * 4;
  }

  #add(thread: Thread, mask: Uint32Array): void {
    const { part, state } = thread;
    if (part.kind === "calling") {
      this.#walk({ id: -1, threads: [thread], accepts: false }, 0, mask);
      return;
    }
    const inner = this.#innerMask(part, state);
    for (let i = 0; i < mask.length; i++) mask[i]! |= inner.mask[i]!;
    for (const { node, tag } of inner.exits) {
      const situation = this.machine.resumed(thread, tag);
      if (0 < situation.threads.length) this.#walk(situation, node, mask);
    }
  }

  /** Adds the tokens behind `node` that `situation` takes. */
  #walk(situation: Situation, node: number, mask: Uint32Array): void {
    const { byte, next, firstToken, tokens } = this.vocabulary;
    const end = next[node]!;
    const situations = [situation];
    const branchEnds = [end];
    let at = node + 1;
    while (at < end) {
      while (branchEnds[branchEnds.length - 1]! <= at) {
        branchEnds.pop();
        situations.pop();
      }
      const from = situations[situations.length - 1]!;
      // What has no number of its own is not worth remembering.
      const to = from.id < 0 ? this.machine.stepOnce(from, byte[at]!) : this.machine.step(from, byte[at]!);
      if (to === this.machine.dead) {
        at = next[at]!;
        continue;
      }
      setTokens(mask, tokens, firstToken[at]!, firstToken[at + 1]!);
      situations.push(to);
      branchEnds.push(next[at]!);
      at++;
    }
  }

  #innerMask(part: FlatPart, state: number): InnerMask {
    const free = part.automaton.free?.(state);
    if (free !== undefined) return this.shared.free.inner(free);
    let masks = this.#inside.get(part);
    if (masks === undefined) this.#inside.set(part, (masks = this.shared.inside(part)));
    // Alone, a part need not tell where it may end.
    const key = part === this.machine.root ? `${state} alone` : `${state}`;
    let found = masks.get(key);
    if (found === undefined) {
      if (MOST_KEPT < masks.size) masks.clear();
      masks.set(key, (found = this.#walkInside(part, state)));
    }
    return found;
  }

  /** For a state, the kinds of bytes that do not lead out of it. */
  #loopsOf(part: FlatPart): (state: number) => number {
    let known = this.#loops.get(part);
    if (known === undefined) this.#loops.set(part, (known = new Map<number, number>()));
    const { automaton } = part;
    return (state) => {
      let kinds = known.get(state);
      if (kinds === undefined) {
        kinds = -1;
        for (let byte = 0; byte < 256; byte++) {
          const kind = byteKind(byte);
          if ((kinds & kind) !== 0 && automaton.step(state, byte) !== state) kinds &= ~kind;
        }
        known.set(state, kinds);
      }
      return kinds;
    };
  }

  #walkInside(part: FlatPart, state: number): InnerMask {
    const { automaton } = part;
    const isRoot = part === this.machine.root;
    const { size, byte, next, firstToken, tokens, below } = this.vocabulary;
    const mask = new Uint32Array(Math.ceil(size / 32));
    const exits: { node: number; tag: number }[] = [];
    const loops = this.#loopsOf(part);
    const states = [state];
    const branchEnds = [next[0]!];
    const last = byte.length;
    let node = 1;
    while (node < last) {
      while (branchEnds[branchEnds.length - 1]! <= node) {
        branchEnds.pop();
        states.pop();
      }
      const to = automaton.step(states[states.length - 1]!, byte[node]!);
      const after = next[node]!;
      if (to === DEAD) {
        node = after;
        continue;
      }
      setTokens(mask, tokens, firstToken[node]!, firstToken[node + 1]!);
      if (node + 1 < after) {
        const tag = automaton.tag(to);
        if (tag !== REJECTED) exits.push({ node, tag });
        const free = automaton.free?.(to);
        if (free !== undefined && this.shared.free.addBranch(free, node, mask, exits)) {
          node = after;
          continue;
        }
        if (tag === REJECTED || isRoot) {
          const first = byte[node + 1]!;
          if (automaton.step(to, first) === to && (below[node]! & ~loops(to)) === 0) {
            // Everything below stays in this state.
            setTokens(mask, tokens, firstToken[node + 1]!, firstToken[after]!);
            node = after;
            continue;
          }
        }
        states.push(to);
        branchEnds.push(after);
      }
      node++;
    }
    return { mask, exits };
  }
}

function setTokens(mask: Uint32Array, tokens: Int32Array, from: number, to: number): void {
  for (let i = from; i < to; i++) mask[tokens[i]! >> 5]! |= 1 << (tokens[i]! & 31);
}
