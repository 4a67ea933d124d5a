/**
 * How text is cut into pieces before pairs are merged, by the names that GGUF files use. Merges never cross a cut.
 *
 * White space is Unicode's property and not JavaScript's `\s`, which takes U+FEFF for a space and U+0085 for none.
 */

import { TillerError } from "../../base/error.js";

export interface PreTokenizer {
  /** Cuts one after the other: each works on the pieces that the one before left. Matches and what lies between are pieces. */
  readonly cuts: readonly RegExp[];
  /** A piece that is a token as it stands is taken whole, whatever the merges say. */
  readonly wholePieces: boolean;
  /** Texts begin with the start token unless the file says otherwise. */
  readonly startsWithBos: boolean;
}

const space = "\\p{White_Space}";
const notSpace = "\\P{White_Space}";
const gpt2 = `'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^${space}\\p{L}\\p{N}]+|${space}+(?!${notSpace})|${space}+`;
/** Llama 3 and Qwen 2 differ only in how many digits go together. */
const cl100k = (digits: string) =>
  "'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]" +
  `|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^${space}\\p{L}\\p{N}]+[\\r\\n]*|${space}*[\\r\\n]+|${space}+(?!${notSpace})|${space}+`;

interface Row {
  readonly cuts: readonly string[];
  /** Llama 3's way with whole pieces and the start token. */
  readonly isLlama3?: true;
}

const table: Readonly<Record<string, Row>> = {
  "gpt-2": { cuts: [gpt2] },
  smollm: { cuts: ["\\p{N}", gpt2] },
  qwen2: { cuts: [cl100k("\\p{N}")] },
  "llama-bpe": { cuts: [cl100k("\\p{N}{1,3}")], isLlama3: true },
  dbrx: { cuts: [cl100k("\\p{N}{1,3}")] },
};

/** Other names of the same cuts, as llama.cpp has them (https://github.com/ggml-org/llama.cpp/blob/master/src/llama-vocab.cpp). */
const aliases: Readonly<Record<string, string>> = {
  gpt2: "gpt-2",
  "phi-2": "gpt-2",
  olmo: "gpt-2",
  starcoder: "smollm",
  refact: "smollm",
  "command-r": "smollm",
  "deepseek-r1-qwen": "qwen2",
  llama3: "llama-bpe",
  "llama-v3": "llama-bpe",
  falcon3: "llama-bpe",
  lfm2: "llama-bpe",
  "smaug-bpe": "dbrx",
};

/** Throws `model-unsupported` for a name that is not in the table: a guess would give wrong tokens without a word. */
export function preTokenizer(name: string): PreTokenizer {
  const known = Object.hasOwn(aliases, name) ? aliases[name]! : name;
  const row = Object.hasOwn(table, known) ? table[known] : undefined;
  if (row === undefined) {
    throw new TillerError(
      "model-unsupported",
      `The model cuts text by "${name}", which this version cannot do. It can do: ${Object.keys(table).join(", ")}.`,
    );
  }
  const isLlama3 = row.isLlama3 === true;
  return { cuts: row.cuts.map((it) => new RegExp(it, "gu")), wholePieces: isLlama3, startsWithBos: isLlama3 };
}

/** The pieces of `text`, in order; together they are the text. */
export function cutText({ cuts }: PreTokenizer, text: string): string[] {
  let pieces = [text];
  for (const cut of cuts) pieces = pieces.flatMap((it) => cutPiece(it, cut));
  return pieces;
}

function cutPiece(piece: string, cut: RegExp): string[] {
  const pieces: string[] = [];
  let at = 0;
  for (const match of piece.matchAll(cut)) {
    if (at < match.index) pieces.push(piece.slice(at, match.index));
    pieces.push(match[0]);
    at = match.index + match[0].length;
  }
  if (at < piece.length) pieces.push(piece.slice(at));
  return pieces;
}
