// What golden data does not reach: damaged data, user-defined tokens, texts in segments, and merging against its definition.

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import fc from "fast-check";

import { GgufMetadata } from "../../src/engine/gguf/metadata.js";
import { byteAlphabet } from "../../src/engine/tokenizer/byteAlphabet.js";
import { readTokenizerMetadata, type TokenizerMetadata } from "../../src/engine/tokenizer/metadata.js";
import { mergeNeighbours } from "../../src/engine/tokenizer/pairMerger.js";
import { createTokenizer } from "../../src/engine/tokenizer/tokenizer.js";
import { tinyByteLevel, tinySentencePiece } from "./tinyVocabulary.js";

describe("damaged or unknown data is refused", () => {
  const whole = {
    "tokenizer.ggml.model": "gpt2",
    "tokenizer.ggml.pre": "gpt-2",
    "tokenizer.ggml.tokens": ["<s>", "a", "b", "ab"],
    "tokenizer.ggml.token_type": [3, 1, 1, 1],
    "tokenizer.ggml.merges": ["a b"],
  };
  const refused: readonly [what: string, changes: Record<string, unknown>, code: string, message: RegExp][] = [
    ["no tokens", { tokens: undefined }, "model-corrupt", /no list of tokens/],
    ["an empty list of tokens", { tokens: [], token_type: [] }, "model-corrupt", /no list of tokens/],
    ["tokens that are no texts", { tokens: [1, 2, 3, 4] }, "model-corrupt", /list of texts/],
    ["too few types", { token_type: [3, 1] }, "model-corrupt", /4 tokens but 2 token types/],
    ["too many scores", { scores: [1, 2, 3, 4, 5] }, "model-corrupt", /4 tokens but 5 scores/],
    ["no model", { model: undefined }, "model-corrupt", /tokenizer\.ggml\.model/],
    ["no merges", { merges: undefined }, "model-corrupt", /no list of merges/],
    ["a merge of unknown tokens", { merges: ["a c"] }, "model-corrupt", /"a c" names a token/],
    ["a merge into an unknown token", { merges: ["b a"] }, "model-corrupt", /"b a" names a token/],
    ["a merge of one token", { merges: ["ab"] }, "model-corrupt", /"ab" names a token/],
    ["a start token that is none", { bos_token_id: 4 }, "model-corrupt", /bos token 4/],
    ["an end token that is none", { eos_token_id: -1 }, "model-corrupt", /eos token -1/],
    ["half an end token", { eot_token_id: 0.5 }, "model-corrupt", /eot token 0\.5/],
    ["SentencePiece without scores", { model: "llama" }, "model-corrupt", /no list of scores/],
    ["a score that is no number", { model: "llama", scores: [1, NaN, 2, 3] }, "model-corrupt", /not a number/],
    ["another kind", { model: "rwkv" }, "model-unsupported", /"rwkv".*gpt2, llama/],
    ["another way of cutting", { pre: "klingon" }, "model-unsupported", /"klingon".*smollm/],
    ["a way of cutting that objects have", { pre: "constructor" }, "model-unsupported", /"constructor"/],
    ["no way of cutting", { pre: undefined }, "model-unsupported", /"default"/],
  ];
  it("the whole data is not", () => {
    assert.deepEqual(create({}).encode("abba"), [3, 2, 1]);
  });
  for (const [what, changes, code, message] of refused) {
    it(what, () => {
      assert.throws(
        () => create(changes),
        (error: { code?: string; message: string }) => error.code === code && message.test(error.message),
      );
    });
  }

  function create(changes: Record<string, unknown>) {
    const changed = Object.entries(changes).map(([key, value]) => [`tokenizer.ggml.${key}`, value] as const);
    const values = { ...whole, ...Object.fromEntries(changed) };
    return createTokenizer(readTokenizerMetadata(new GgufMetadata(values, "tiny.gguf")));
  }
});

describe("special tokens", () => {
  const control = ["<|im_start|>", "<|im_end|>", "<a>", "<a><b>"];
  const userDefined = ["<tool_call>", "  ", "\n\n", "<|fim|>"];
  const tokenizer = createTokenizer(tinyByteLevel({ control, userDefined, merges: ["a b", "ab a"] }));
  const id = (spelling: string) => tokenizer.specials.get(spelling)!;
  const plain = (text: string) => Array.from(new TextEncoder().encode(text), (it) => 8 + it);
  const [ab, aba] = [264, 265];

  it("are read from trusted text, and only from it", () => {
    const text = "<|im_start|>x<tool_call><|im_end|>";
    check([{ text, trusted: true }], [id("<|im_start|>"), ...plain("x"), id("<tool_call>"), id("<|im_end|>")]);
    check([{ text, trusted: false }], plain(text));
  });
  it("are not read across a border", () => {
    const [head, tail] = ["<|im_", "start|>"];
    for (const [first, second] of [
      [true, false],
      [false, true],
      [true, true],
    ] as const) {
      check(
        [
          { text: head, trusted: first },
          { text: tail, trusted: second },
        ],
        plain("<|im_start|>"),
      );
    }
  });
  it("the longest of those that begin at one place is read", () => {
    check([{ text: "<a><b><a>", trusted: true }], [id("<a><b>"), id("<a>")]);
  });
  it("merges cross the borders of segments", () => {
    check(
      [
        { text: "<a>a", trusted: true },
        { text: "b", trusted: false },
        { text: "a", trusted: true },
      ],
      [id("<a>"), aba],
    );
    check(
      [
        { text: "a", trusted: false },
        { text: "b", trusted: false },
      ],
      [ab],
    );
  });
  it("runs of white space are text, wherever they stand", () => {
    check([{ text: "x  \n\n", trusted: false }], [...plain("x"), 5, 6]);
    check(
      [
        { text: " ", trusted: false },
        { text: " ", trusted: true },
      ],
      [5],
    );
  });
  it("marks among the user-defined tokens count as marks", () => {
    assert.ok(tokenizer.isSpecial(id("<|fim|>")));
    assert.ok(!tokenizer.isSpecial(id("<tool_call>")));
  });
  it("known ends of turns are ends though the file does not say so", () => {
    assert.deepEqual([...tokenizer.eos], [id("<|im_end|>")]);
  });
  it("write their spelling", () => {
    assert.equal(tokenizer.decode([0, 4, 5, 6]), "<|im_start|><tool_call>  \n\n");
  });
  it("ids beyond the vocabulary write nothing", () => {
    assert.equal(tokenizer.decode([100_000]), "");
  });

  function check(segments: Parameters<typeof tokenizer.encodeSegments>[0], ids: readonly number[]): void {
    assert.deepEqual(tokenizer.encodeSegments(segments), ids);
  }
});

describe("SentencePiece", () => {
  const tokenizer = createTokenizer(
    tinySentencePiece([
      ["\u2581", -1],
      ["a", -2],
      ["b", -3],
      ["\u2581a", -4],
      ["ab", -5],
      ["\u2581ab", -6],
      ["ü", -7],
    ]),
  );
  it("puts a space in front of texts, also of those after a special token", () => {
    assert.deepEqual(tokenizer.encodeSegments([{ text: "ab<s>ab", trusted: true }]), [264, 1, 264]);
    assert.equal(tokenizer.decode([264, 1, 264]), "ab<s> ab");
    assert.deepEqual(tokenizer.encode(""), []);
  });
  it("writes what it does not know as bytes", () => {
    assert.deepEqual(tokenizer.encode("é"), [259, 3 + 0xc3, 3 + 0xa9]);
    assert.deepEqual(tokenizer.encode("\ud800"), [259, 3 + 0xef, 3 + 0xbf, 3 + 0xbd]);
    assert.deepEqual(tokenizer.encode("ü"), [259, 265]);
    assert.equal(tokenizer.decode([259, 3 + 0xc3, 3 + 0xa9]), "é");
  });
  it("uses the unknown token where bytes are missing too", () => {
    const { tokens, types, ...rest } = tinySentencePiece([["\u2581", -1]]);
    const withoutBytes = { ...rest, tokens: tokens.map((it) => it.replace("<0x", "<1x")), types };
    assert.deepEqual(createTokenizer(withoutBytes).encode("é"), [259, 0, 0]);
  });
  it("can leave the space in front out", () => {
    const bare = createTokenizer({ ...tinySentencePiece([["ab", -1]]), addSpacePrefix: false });
    assert.deepEqual(bare.encode("ab"), [259]);
    assert.equal(bare.decode([3 + 32, 259]), " ab");
  });
});

describe("merging follows its definition", () => {
  const letters = ["a", "b", "c"];
  const text = fc.array(fc.constantFrom(...letters), { maxLength: 60 }).map((it) => it.join(""));

  /** Each pair joins two words that there are by then, so that words grow on words. */
  const pairs = fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 12 }).map((choices) => {
    const words = [...letters];
    const all = choices.map(([first, second]) => {
      const pair = [words[first % words.length]!, words[second % words.length]!] as const;
      words.push(pair.join(""));
      return pair;
    });
    return all.filter(([a, b], i) => all.findIndex(([c, d]) => a === c && b === d) === i);
  });

  it("in byte-level vocabularies", () => {
    fc.assert(
      fc.property(pairs, text, (all, it) => {
        const data = tinyByteLevel({ merges: all.map(([a, b]) => `${a} ${b}`) });
        checkMerging(data, it, (a, b) => {
          const rank = all.findIndex(([left, right]) => a === left && b === right);
          return rank < 0 ? Infinity : rank;
        });
      }),
      { numRuns: 500 },
    );
  });
  it("in SentencePiece vocabularies", () => {
    const scores = fc.array(fc.integer({ min: -4, max: 0 }), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(pairs, scores, text, (all, some, it) => {
        const score = new Map(letters.map((letter) => [letter, -100]));
        all.forEach(([a, b], i) => score.set(a + b, some[i]!));
        const data = { ...tinySentencePiece([...score]), addSpacePrefix: false };
        checkMerging(data, it, (a, b) => -(score.get(a + b) ?? -Infinity));
      }),
      { numRuns: 500 },
    );
  });
  it("in steps that grow with the text and not with its square", () => {
    const asked = (count: number) => {
      let questions = 0;
      const symbols = new Int32Array(count).fill(1);
      mergeNeighbours(count, {
        rank: (a, b) => (questions++, symbols[a] === symbols[b] && symbols[a]! < 64 ? Math.log2(symbols[a]!) : -1),
        merge: (a) => (symbols[a]! *= 2),
      });
      return questions;
    };
    assert.ok(asked(100_000) < 11 * asked(10_000));
  });

  /** The definition: of all neighbours merge the most urgent, the leftmost first; again until none merges. */
  function checkMerging(data: TokenizerMetadata, text: string, urgency: (a: string, b: string) => number): void {
    const symbols = [...text];
    for (;;) {
      const urgencies = symbols.slice(1).map((it, i) => urgency(symbols[i]!, it));
      const first = Math.min(...urgencies);
      if (first === Infinity) break;
      const at = urgencies.indexOf(first);
      symbols.splice(at, 2, symbols[at]! + symbols[at + 1]!);
    }
    const ids = createTokenizer(data).encode(text);
    assert.deepEqual(
      ids.map((id) => data.tokens[id]),
      symbols,
    );
  }
});

it("bytes and their characters are one to one", () => {
  const { characters, bytes } = byteAlphabet();
  assert.equal(new Set(characters).size, 256);
  characters.forEach((it, byte) => assert.equal(bytes.get(it), byte));
  assert.equal(characters[0x20], "Ġ");
  assert.equal(characters[0x0a], "Ċ");
});
