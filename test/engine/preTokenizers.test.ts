// How text is cut, by name: what each way is known for, and what holds for all.

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import fc from "fast-check";

import { cutText, preTokenizer, preTokenizerNames } from "../../src/engine/tokenizer/preTokenizers.js";

/** Pieces are separated by bars; a text has none of its own. */
const cases: Readonly<Record<string, readonly string[]>> = {
  "gpt-2": ["it|'s| 1234|  | a|\n|\n|b", "IT|'|S| HelloWorld"],
  smollm: ["it|'s| |1|2|3|4| a"],
  qwen2: ["IT|'S| |1|2|3|  | a|!!\n\n|(b|)"],
  qwen35: ["e\u0301a| |1|2| | a"],
  "llama-bpe": ["IT|'S| |123|4| a|();\n|x"],
  dbrx: ["|123|4| HelloWorld"],
  // Words begin with capitals and keep their contraction.
  "gpt-4o": ["Hello|World|XMLHttp| don't| |123|4|//", "Ñandú|École| été|!\n/|x"],
  tekken: ["Hello|World|XMLHttp| don|'t| |1|2|3|//\n/|x"],
  "deepseek-llm": ["a| b|\n| c|12345|,|中文字|!"],
  "deepseek-coder": ["a| b|\n| c|1|2|3|,|中文字|!"],
  "deepseek-v3": ["it|'s| |123|4|中文字|.name|(),\n| x"],
  falcon: ["a|,| b|123|45|==|c"],
  "seed-coder": ["a|();|\n|x|1|2"],
  bailingmoe: ["I|'M|\n\n|1|2"],
};

describe("ways of cutting text", () => {
  for (const [name, texts] of Object.entries(cases)) {
    for (const text of texts) {
      it(`${name} cuts ${JSON.stringify(text)}`, () => {
        const expected = text.split("|").filter((it) => it !== "");
        assert.deepEqual(cutText(preTokenizer(name), expected.join("")), expected);
      });
    }
  }

  it("every name cuts any text into its parts, none of them empty", () => {
    const texts = fc.string({
      unit: fc.oneof(fc.constantFrom(..." \n\r\tаБéÉ1٣中'st.,!/("), fc.string({ unit: "binary" })),
    });
    for (const name of preTokenizerNames) {
      const cutter = preTokenizer(name);
      fc.assert(
        fc.property(texts, (text) => {
          const pieces = cutText(cutter, text);
          assert.equal(pieces.join(""), text);
          assert.ok(text === "" || pieces.every((it) => it !== ""));
        }),
        { numRuns: 30 },
      );
    }
  });

  it("an unknown name is refused with those that are known", () => {
    assert.throws(() => preTokenizer("youtu"), { code: "model-unsupported", message: /"youtu".*falcon.*tekken/ });
  });

  it("names of one way cut alike", () => {
    const text = "It's 12345 HelloWorld  \n (x)";
    assert.deepEqual(cutText(preTokenizer("refact"), text), cutText(preTokenizer("smollm"), text));
    assert.deepEqual(cutText(preTokenizer("lfm2"), text), cutText(preTokenizer("llama-bpe"), text));
  });
});
