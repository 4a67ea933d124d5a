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
const blanks = `${space}+(?!${notSpace})|${space}+`;
const contractions = "'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]";
const gpt2 = `'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^${space}\\p{L}\\p{N}]+|${blanks}`;
/** Llama 3 and Qwen 2 differ only in how many digits go together. */
const cl100k = (digits: string) =>
  `${contractions}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}` +
  `| ?[^${space}\\p{L}\\p{N}]+[\\r\\n]*|${space}*[\\r\\n]+|${blanks}`;

/** Words begin with capitals: "HelloWorld" is two. As OpenAI and Mistral wrote it; llama.cpp knows case only of ASCII. */
const upper = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
const lower = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
const o200k = (digits: string, end: string) =>
  `[^\\r\\n\\p{L}\\p{N}]?${upper}*${lower}+${end}|[^\\r\\n\\p{L}\\p{N}]?${upper}+${lower}*${end}|${digits}` +
  `| ?[^${space}\\p{L}\\p{N}]+[\\r\\n/]*|${space}*[\\r\\n]+|${blanks}`;

const chinese = "[\\u4e00-\\u9fa5\\u0800-\\u4e00\\uac00-\\ud7ff]+";
const asciiMarks = "[!-\\/:-@[-`\\{-~]";

interface Row {
  readonly cuts: readonly string[];
  /** Llama 3's way with whole pieces and the start token. */
  readonly isLlama3?: true;
}

const table: Readonly<Record<string, Row>> = {
  "gpt-2": { cuts: [gpt2] },
  smollm: { cuts: ["\\p{N}", gpt2] },
  qwen2: { cuts: [cl100k("\\p{N}")] },
  qwen35: {
    cuts: [
      `${contractions}|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}` +
        `| ?[^${space}\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|${space}*[\\r\\n]+|${blanks}`,
    ],
  },
  "llama-bpe": { cuts: [cl100k("\\p{N}{1,3}")], isLlama3: true },
  dbrx: { cuts: [cl100k("\\p{N}{1,3}")] },
  "gpt-4o": { cuts: [o200k("\\p{N}{1,3}", `(?:${contractions})?`)] },
  tekken: { cuts: [o200k("\\p{N}", "")], isLlama3: true },
  "deepseek-llm": {
    cuts: [
      "[\\r\\n]",
      `${space}?[\\p{Lu}\\p{Ll}\\p{Lt}]+`,
      `${space}?[!-\\/:-~\\uff01-\\uff0f\\uff1a-\\uff5e\\u2018-\\u201f\\u3000-\\u3002]+`,
      `${space}+$`,
      chinese,
      "\\p{N}+",
    ],
  },
  "deepseek-coder": { cuts: ["[\\r\\n]", `${space}?\\p{L}+`, `${space}?\\p{P}+`, chinese, "\\p{N}"] },
  "deepseek-v3": {
    cuts: [
      "\\p{N}{1,3}",
      "[\\u4e00-\\u9fa5\\u3040-\\u309f\\u30a0-\\u30ff]+",
      `${asciiMarks}[A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+` +
        `| ?[\\p{P}\\p{S}]+[\\r\\n]*|${space}*[\\r\\n]+|${blanks}`,
    ],
  },
  falcon: { cuts: ["[\\p{P}$+<=>^~|`]+", gpt2, "[0-9][0-9][0-9]"] },
  "seed-coder": {
    cuts: [
      `${contractions}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}` +
        `| ?[^${space}\\p{L}\\p{N}\\r\\n]+|${space}*[\\r\\n]+|${blanks}`,
    ],
  },
  bailingmoe: {
    cuts: [
      "'(?:[sSdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE])|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}" +
        `| ?[^${space}\\p{L}\\p{N}]+[\\r\\n]*|${space}*[\\r\\n]|${blanks}`,
    ],
  },
};

/** Other names of the same cuts, as llama.cpp has them (https://github.com/ggml-org/llama.cpp/blob/master/src/llama-vocab.cpp). */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  "gpt-2": ["gpt2", "phi-2", "olmo", "mpt", "jais", "trillion", "granite-docling", "exaone4", "mellum", "a.x-4.0"],
  smollm: ["starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b", "mellum2"],
  qwen2: ["deepseek-r1-qwen", "kormo", "f2llmv2", "megrez", "stablelm2", "hunyuan", "solar-open", "grok-2"],
  "llama-bpe": ["llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2"],
  dbrx: ["smaug-bpe", "glm4", "chatglm-bpe"],
  "gpt-4o": ["llama4", "kanana2", "minimax-m2"],
  "deepseek-v3": ["hunyuan-dense", "joyai-llm"],
  bailingmoe: ["bailingmoe2", "llada-moe"],
};
const aliases = new Map(
  Object.entries(otherNames).flatMap(([name, others]) => others.map((it) => [it, name] as const)),
);

/** Every name that is known, in the order of the alphabet. */
export const preTokenizerNames: readonly string[] = [...Object.keys(table), ...aliases.keys()].sort();

/** Throws `model-unsupported` for a name that is not in the table: a guess would give wrong tokens without a word. */
export function preTokenizer(name: string): PreTokenizer {
  const known = aliases.get(name) ?? name;
  const row = Object.hasOwn(table, known) ? table[known] : undefined;
  if (row === undefined) {
    throw new TillerError(
      "model-unsupported",
      `The model cuts text by "${name}", which this version cannot do. It can do: ${preTokenizerNames.join(", ")}.`,
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
