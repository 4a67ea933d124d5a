/**
 * The tokenizer of a Hugging Face folder (tokenizer.json and what stands around it) as keys of a GGUF file. Byte-level BPE only:
 * other kinds, and ways to cut text that llama.cpp has no name for, are refused.
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { TillerError } from "../../base/error.js";
import { isJsonObject, type Json, type JsonObject } from "../../base/json.js";
import type { GgufValue } from "../gguf/writeGguf.js";
import { TokenType } from "../tokenizer/metadata.js";
import { listAt, numberAt, objectAt, readJsonFile, textAt } from "./jsonFile.js";

const NORMAL = 1;

/** `rows` is the number of embeddings: files name as many tokens. */
export function readTokenizerJson(folder: string, rows: number): Readonly<Record<string, GgufValue>> {
  const unsupported = (what: string) => new TillerError("model-unsupported", `${folder}: the tokenizer ${what}.`);
  const json = readJsonFile(folder, "tokenizer.json");
  if (json === undefined) {
    const message = `${folder} has no tokenizer.json. Save the tokenizer in its fast form (AutoTokenizer, save_pretrained).`;
    throw new TillerError("model-not-found", message);
  }
  const model = objectAt(json, "model");
  const vocabulary = objectAt(model, "vocab");
  const kind = textAt(model, "type") ?? "BPE"; // old files do not say
  if (kind !== "BPE" || vocabulary === undefined)
    throw unsupported(`is of the kind ${kind}; byte-level BPE can be converted`);
  if (model!["byte_fallback"] === true)
    throw unsupported(
      "is SentencePiece, which is not in tokenizer.json as GGUF files need it; byte-level BPE can be converted",
    );
  const normalizer = textAt(objectAt(json, "normalizer"), "type");
  if (normalizer !== undefined && normalizer !== "NFC") throw unsupported(`normalizes text by ${normalizer}`);

  const tokens = Array.from({ length: rows }, (_, id) => `[PAD${id}]`);
  const types = new Array<number>(rows).fill(TokenType.unused);
  const set = (id: number, token: string, type: number) => {
    if (!Number.isInteger(id) || id < 0 || rows <= id)
      throw new TillerError(
        "model-corrupt",
        `${folder}: token ${id} ("${token}") has no embedding: there are ${rows}.`,
      );
    tokens[id] = token;
    types[id] = type;
  };
  for (const [token, id] of Object.entries(vocabulary)) set(Number(id), token, NORMAL);
  for (const it of listAt(json, "added_tokens")) {
    if (!isJsonObject(it)) continue;
    const type = it["special"] === true ? TokenType.control : TokenType.userDefined;
    set(numberAt(it, "id") ?? -1, textAt(it, "content") ?? "", type);
  }
  const idOf = (token: string | undefined) => (token === undefined ? -1 : tokens.indexOf(token));
  const special = specialIds(folder, idOf);
  return {
    "tokenizer.ggml.model": "gpt2",
    "tokenizer.ggml.pre": cutName(objectAt(json, "pre_tokenizer"), model!["ignore_merges"] === true, unsupported),
    "tokenizer.ggml.tokens": tokens,
    "tokenizer.ggml.token_type": { whole: types },
    "tokenizer.ggml.merges": listAt(model, "merges").map(mergeText),
    ...special,
    "tokenizer.ggml.add_bos_token": beginsWithBos(objectAt(json, "post_processor")),
    ...chatTemplate(folder),
  };
}

/** Older files hold "a b", newer ones ["a", "b"]. */
function mergeText(merge: Json): string {
  return Array.isArray(merge) ? merge.join(" ") : String(merge);
}

/** The expressions that text is cut by, as the makers wrote them, and llama.cpp's names for them. */
const splitNames: readonly (readonly [name: string, pattern: string])[] = [
  [
    "llama-bpe",
    String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  ],
  [
    "qwen2",
    String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  ],
];

function cutName(
  cut: JsonObject | undefined,
  ignoresMerges: boolean,
  unsupported: (what: string) => TillerError,
): string {
  const steps =
    textAt(cut, "type") === "Sequence" ? listAt(cut, "pretokenizers").filter(isJsonObject) : cut ? [cut] : [];
  const kinds = steps.map((it) => textAt(it, "type") ?? "").join(", ");
  const isOwnRegex = steps.at(-1)?.["use_regex"] !== false;
  if (kinds === "ByteLevel" && isOwnRegex) return "gpt-2";
  if (kinds === "Digits, ByteLevel" && isOwnRegex && steps[0]!["individual_digits"] === true) return "smollm";
  if (kinds === "Split, ByteLevel" && !isOwnRegex) {
    const pattern = textAt(objectAt(steps[0], "pattern"), "Regex");
    const found = splitNames.find(([, it]) => it === pattern)?.[0];
    if (found === "llama-bpe" && !ignoresMerges) return "dbrx";
    if (found !== undefined) return found;
    throw unsupported(`cuts text by an expression that llama.cpp has no name for: ${pattern ?? "none"}`);
  }
  throw unsupported(`cuts text by ${kinds === "" ? "nothing" : kinds}, which llama.cpp has no name for`);
}

function specialIds(folder: string, idOf: (token: string | undefined) => number): Record<string, GgufValue> {
  const config = readJsonFile(folder, "tokenizer_config.json");
  const spelled = (key: string) => {
    const value = config?.[key];
    return typeof value === "string" ? value : isJsonObject(value) ? textAt(value, "content") : undefined;
  };
  const ids: Record<string, GgufValue> = {};
  const set = (name: string, id: number | undefined) => {
    if (id !== undefined && 0 <= id) ids[`tokenizer.ggml.${name}_token_id`] = { count: id };
  };
  const model = readJsonFile(folder, "config.json");
  const generation = readJsonFile(folder, "generation_config.json");
  const ends = [generation, model].flatMap((it) => {
    const value = it?.["eos_token_id"];
    return typeof value === "number" ? [value] : listAt(it, "eos_token_id").filter((one) => typeof one === "number");
  });
  const bos = idOf(spelled("bos_token"));
  const eos = idOf(spelled("eos_token"));
  set("bos", 0 <= bos ? bos : numberAt(model, "bos_token_id"));
  set("eos", 0 <= eos ? eos : ends[0]);
  set("unknown", idOf(spelled("unk_token")));
  set("padding", idOf(spelled("pad_token")));
  // Files have three keys for tokens that end a text or a turn.
  const others = [...new Set(ends)].filter((it) => it !== (0 <= eos ? eos : ends[0]));
  set("eot", others[0]);
  set("eom", others[1]);
  return ids;
}

/** Whether texts are put behind a start token: so a template of the post-processor says. */
function beginsWithBos(post: JsonObject | undefined): boolean {
  const all = [...(post === undefined ? [] : [post]), ...listAt(post, "processors").filter(isJsonObject)];
  const template = all.find((it) => textAt(it, "type") === "TemplateProcessing");
  const first = listAt(template, "single")[0];
  return isJsonObject(first) && objectAt(first, "SpecialToken") !== undefined;
}

function chatTemplate(folder: string): Readonly<Record<string, GgufValue>> {
  const path = join(folder, "chat_template.jinja");
  if (existsSync(path)) return { "tokenizer.chat_template": readFileSync(path, "utf8") };
  const value = readJsonFile(folder, "tokenizer_config.json")?.["chat_template"];
  const named = Array.isArray(value) ? value.filter(isJsonObject) : [];
  const template =
    typeof value === "string" ? value : textAt(named.find((it) => it["name"] === "default") ?? named[0], "template");
  return template === undefined ? {} : { "tokenizer.chat_template": template };
}
