/** What can be said of a hole, in `tiller.gen` and in its short form. */

import { configKeys } from "./configKeys.js";
import type { KeyInfo } from "./keyInfo.js";

/** Of whatever has a least and a most. */
export const bounds: readonly KeyInfo[] = [
  { key: "min", types: ["number"], doc: "At least so many." },
  { key: "max", types: ["number"], doc: "At most so many." },
];

export const holeKeyInfos: readonly KeyInfo[] = [
  { key: "choice", types: ["list"], doc: "Exactly one of these texts is written." },
  { key: "regex", types: ["text"], doc: "The text matches this expression as a whole (JavaScript's syntax)." },
  {
    key: "json",
    types: ["text", "object"],
    doc: "JSON of this schema: Picoschema, JSON Schema, or `$output` for the file's `output.schema`.",
  },
  { key: "int", types: ["flag", "object"], doc: "A whole number; `true`, or `{min, max}`.", known: bounds },
  { key: "number", types: ["flag", "object"], doc: "A number; `true`, or `{min, max}`.", known: bounds },
  { key: "grammar", types: ["text"], doc: "What a grammar in llama.cpp's GBNF derives from `root`." },
  { key: "text", types: ["flag"], doc: "Free text, also where the front matter says otherwise." },
  { key: "chars", types: ["number", "object"], doc: "Characters: the most, or `{min, max}`.", known: bounds },
  { key: "words", types: ["number", "object"], doc: "Words: the most, or `{min, max}`.", known: bounds },
  {
    key: "sentences",
    types: ["number", "object"],
    doc: "Sentences: the most, or `{min, max}`; the text ends where one does.",
    known: bounds,
  },
  { key: "tokens", types: ["number", "object"], doc: "Tokens: the most, or `{min, max}`.", known: bounds },
  { key: "startsWith", types: ["text"], doc: "The text begins with this." },
  { key: "endsWith", types: ["text"], doc: "The text ends with this." },
  { key: "include", types: ["text", "list"], doc: "Each of these stands in the text." },
  { key: "avoid", types: ["text", "list"], doc: "None of these stands in the text, in whatever case." },
  { key: "stop", types: ["text", "list"], doc: "Writing ends before the first of these texts." },
  { key: "stopBefore", types: ["text", "list"], doc: "The same as `stop`." },
  {
    key: "hidden",
    types: ["flag"],
    doc: "The hole is part of the conversation, and not of the result.",
    default: "false",
  },
  { key: "scores", types: ["flag"], doc: "Beside a choice: how probable each option is.", default: "false" },
  {
    key: "level",
    types: ["text"],
    doc: "How strictly this is kept: masked, checked afterwards, or preferred.",
    values: ["hard", "check", "prefer"],
    default: "hard",
  },
  {
    key: "onFail",
    types: ["object"],
    doc: "With `level: check`: what is done when the text fails.",
    known: [
      { key: "retry", types: ["number"], doc: "How often it is written anew.", default: "2" },
      {
        key: "then",
        types: ["text"],
        doc: "What becomes of the run in the end.",
        values: ["fail", "keep"],
        default: "fail",
      },
    ],
  },
  ...configKeys.filter(({ key }) => key !== "maxOutputTokens" && key !== "stopSequences"),
];
