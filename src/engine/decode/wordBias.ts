/**
 * Words that are to be written more often or less. A word of several tokens is a path: a positive bias pulls along all of it; a
 * negative one stands on its last token alone, so that words with the same beginning stay as they were.
 */

import type { Tokenizer } from "../tokenizer/tokenizer.js";

export interface WordBias {
  /** False without any word. */
  readonly isActive: boolean;
  /** Changes the logits [vocabulary] of the next token. */
  apply(logits: Float32Array): void;
  advance(id: number, bytes: Uint8Array): void;
}

interface Path {
  readonly ids: readonly number[];
  readonly bias: number;
  /** It begins with the word's first letter, so it may only stand where a word begins. */
  readonly needsBorder: boolean;
}

/** `biases`: a text, and what is added to the logits of its tokens, in nats. */
export function createWordBias(biases: Readonly<Record<string, number>>, tokenizer: Tokenizer): WordBias {
  const paths = Object.entries(biases).flatMap(([text, bias]) => pathsOf(text, bias, tokenizer));
  /** Paths that what was written has begun, and how many of their tokens are written. */
  let open: { readonly path: Path; readonly written: number }[] = [];
  let atBorder = true;
  return {
    isActive: 0 < paths.length,
    apply(logits) {
      const added = new Map<number, number>();
      const add = ({ ids, bias }: Path, at: number) => {
        if (bias < 0 && at < ids.length - 1) return;
        // One token that begins or ends several of the given words has the strongest of their biases, not the sum.
        const known = added.get(ids[at]!) ?? 0;
        if (Math.abs(known) < Math.abs(bias)) added.set(ids[at]!, bias);
      };
      for (const it of paths) if (atBorder || !it.needsBorder) add(it, 0);
      for (const { path, written } of open) add(path, written);
      for (const [id, bias] of added) logits[id]! += bias;
    },
    advance(id, bytes) {
      const begun = paths.filter((it) => atBorder || !it.needsBorder).map((path) => ({ path, written: 0 }));
      open = [...open, ...begun]
        .filter(({ path, written }) => path.ids[written] === id)
        .map(({ path, written }) => ({ path, written: written + 1 }))
        .filter(({ path, written }) => written < path.ids.length);
      const last = bytes.at(-1);
      if (last !== undefined) atBorder = !isWordByte(last);
    },
  };
}

/** As it is, with a capital, and both behind a space. */
function pathsOf(text: string, bias: number, tokenizer: Tokenizer): Path[] {
  if (bias === 0) return [];
  const word = text.trim();
  const capital = word.charAt(0).toUpperCase() + word.slice(1);
  return [...new Set([word, capital])].flatMap((it) => [
    { ids: tokenizer.encode(it), bias, needsBorder: isWordByte(new TextEncoder().encode(it)[0]!) },
    { ids: tokenizer.encode(` ${it}`), bias, needsBorder: false },
  ]);
}

/** Letters and digits of ASCII, and whatever is beyond it. */
function isWordByte(byte: number): boolean {
  return 0x80 <= byte || /[0-9A-Za-z]/.test(String.fromCharCode(byte));
}
