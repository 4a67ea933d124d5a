/**
 * Masks of text of which only the characters are counted. They are the same for every constraint, and far the most frequent;
 * so each token's characters are counted once, and a mask for any room that is left is found without walking.
 */

import { DEAD, type ByteAutomaton, type Free } from "./automaton.js";
import { jsonString } from "./jsonString.js";
import { lengthLanguage } from "./language.js";
import { REJECTED, tagged, type TaggedAutomaton } from "./product.js";
import type { Vocabulary } from "./vocabulary.js";

/** What the tokens do inside of a flat part. */
export interface InnerMask {
  /** Tokens that are read to their end. */
  readonly mask: Uint32Array;
  /** Nodes of the vocabulary at which the part is accepted and more of a token follows. */
  readonly exits: readonly { readonly node: number; readonly tag: number }[];
}

export interface FreeMasks {
  inner(free: Free): InnerMask;
  /**
   * Adds to a mask and its exits what is below a node of the vocabulary, for text that is free there. False when that cannot
   * be said without walking: the way to the node is not the same in free text.
   */
  addBranch(free: Free, node: number, mask: Uint32Array, exits: InnerMask["exits"][number][]): boolean;
}

interface Counted {
  /** Of large branches: the tokens below a node that can be read where there is room for all of them. */
  readonly branches: Map<number, Uint32Array>;
  /** Characters that a token begins; `NEVER` for one that cannot be read. */
  readonly characters: Uint8Array;
  /** Tokens that end with the closing quote: only after enough characters. */
  readonly closing: readonly number[];
  readonly isClosing: Uint8Array;
  /** Characters on the way to a node; `NEVER` where that is no whole number of characters. */
  readonly nodes: Uint8Array;
  readonly exits: readonly { readonly node: number; readonly characters: number }[];
}

/** Tokens of a branch that is found again as a whole: setting each by itself takes longer than joining two masks. */
const LARGE_BRANCH = 400;
/** Of these, most are below a single byte: there are few. */
const MOST_BRANCHES = 200;

const NEVER = 255;
/** No token has as many characters: more room makes no difference. */
const MOST = 254;
/** More than any text has, so that what is counted down tells what was read. */
const PLENTY = 1 << 16;

export function createFreeMasks(vocabulary: Vocabulary): FreeMasks {
  const counts = new Map<boolean, Counted>();
  const known = new Map<string, InnerMask>();
  const counted = (inJson: boolean): Counted => {
    let found = counts.get(inJson);
    if (found === undefined) counts.set(inJson, (found = countCharacters(vocabulary, inJson)));
    return found;
  };
  return {
    inner({ need, room, tag, inJson }) {
      const [least, most] = [Math.min(need, MOST), Math.min(room, MOST)];
      const key = `${least} ${most} ${tag} ${inJson}`;
      let found = known.get(key);
      if (found === undefined) known.set(key, (found = maskOf(counted(inJson), least, most, tag)));
      return found;
    },
    addBranch({ need, room, tag, inJson }, node, mask, exits) {
      const all = counted(inJson);
      const before = all.nodes[node]!;
      if (before === NEVER) return false;
      const end = vocabulary.next[node]!;
      if (need <= 0 && MOST <= room) addWhole(vocabulary, all, node, mask);
      else addFitting(vocabulary, all, node, { need, room }, mask);
      const { exits: found } = all;
      for (let i = firstAfter(found, node); i < found.length && found[i]!.node < end; i++) {
        const count = found[i]!.characters - before;
        if (need <= count && count <= room) exits.push({ node: found[i]!.node, tag });
      }
      return true;
    },
  };
}

function addFitting(
  { next, firstToken, tokens }: Vocabulary,
  { characters, isClosing, nodes }: Counted,
  node: number,
  { need, room }: Pick<Free, "need" | "room">,
  mask: Uint32Array,
): void {
  const before = nodes[node]!;
  const last = firstToken[next[node]!]!;
  for (let i = firstToken[node + 1]!; i < last; i++) {
    const id = tokens[i]!;
    const count = characters[id]! - before;
    if (characters[id] === NEVER || room < count || (isClosing[id] === 1 && count < need)) continue;
    mask[id >> 5]! |= 1 << (id & 31);
  }
}

/** Where no token below can be too long or too short. */
function addWhole(vocabulary: Vocabulary, counted: Counted, node: number, mask: Uint32Array): void {
  const { next, firstToken } = vocabulary;
  const { branches } = counted;
  const any = { need: 0, room: Infinity };
  let branch = branches.get(node);
  if (branch === undefined) {
    const count = firstToken[next[node]!]! - firstToken[node + 1]!;
    if (count < LARGE_BRANCH || MOST_BRANCHES <= branches.size) return addFitting(vocabulary, counted, node, any, mask);
    branches.set(node, (branch = new Uint32Array(mask.length)));
    addFitting(vocabulary, counted, node, any, branch);
  }
  for (let i = 0; i < mask.length; i++) mask[i]! |= branch[i]!;
}

/** Index of the first exit behind a node; exits are in the order of their nodes. */
function firstAfter(exits: Counted["exits"], node: number): number {
  let [low, high] = [0, exits.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (exits[middle]!.node <= node) low = middle + 1;
    else high = middle;
  }
  return low;
}

function maskOf({ characters, closing, exits }: Counted, need: number, room: number, tag: number): InnerMask {
  const mask = new Uint32Array(Math.ceil(characters.length / 32));
  for (let id = 0; id < characters.length; id++) if (characters[id]! <= room) mask[id >> 5]! |= 1 << (id & 31);
  for (const id of closing) if (characters[id]! < need) mask[id >> 5]! &= ~(1 << (id & 31));
  const reached = exits.filter((it) => need <= it.characters && it.characters <= room);
  return { mask, exits: reached.map(({ node }) => ({ node, tag })) };
}

function countCharacters({ size, byte, next, firstToken, tokens }: Vocabulary, inJson: boolean): Counted {
  const text: ByteAutomaton = lengthLanguage(0, PLENTY);
  const automaton: TaggedAutomaton = inJson ? jsonString(text) : tagged(text);
  const characters = new Uint8Array(size).fill(NEVER);
  const closing: number[] = [];
  const isClosing = new Uint8Array(size);
  const nodes = new Uint8Array(byte.length).fill(NEVER);
  const exits: { node: number; characters: number }[] = [];
  const start = inJson ? automaton.step(automaton.start, 0x22) : automaton.start;
  // For each node on the way down: the state, where its branch ends, and the characters begun so far.
  const way = [{ state: start, end: next[0]!, count: 0, isBorder: true }];
  for (let node = 1; node < byte.length;) {
    while (way[way.length - 1]!.end <= node) way.pop();
    const { state, count, isBorder } = way[way.length - 1]!;
    const to = automaton.step(state, byte[node]!);
    const end = next[node]!;
    if (to === DEAD) {
      node = end;
      continue;
    }
    const accepted = automaton.tag(to) !== REJECTED;
    const free = automaton.free?.(to);
    // Between two borders one character is being written. A closing quote writes none.
    const now = free !== undefined ? PLENTY - free.room : inJson && accepted ? count : isBorder ? count + 1 : count;
    for (let i = firstToken[node]!; i < firstToken[node + 1]!; i++) {
      characters[tokens[i]!] = Math.min(now, MOST);
      if (!inJson || !accepted) continue;
      closing.push(tokens[i]!);
      isClosing[tokens[i]!] = 1;
    }
    if (free !== undefined) nodes[node] = Math.min(now, MOST);
    if (node + 1 < end) {
      if (accepted) exits.push({ node, characters: now });
      way.push({ state: to, end, count: now, isBorder: free !== undefined });
    }
    node++;
  }
  return { characters, closing, isClosing, nodes, exits, branches: new Map() };
}
