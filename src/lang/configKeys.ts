/** Keys of `config` that Tiller reads, and that a hole may set for itself. Other runtimes have more: unknown ones are no error. */

import type { KeyInfo } from "./keyInfo.js";

export const configKeys: readonly KeyInfo[] = [
  {
    key: "temperature",
    types: ["number"],
    doc: "0 always takes the likeliest token; higher is more varied.",
    default: "0",
  },
  { key: "topK", types: ["number"], doc: "Draw from the k likeliest tokens only; 0 is off.", default: "0" },
  {
    key: "topP",
    types: ["number"],
    doc: "Draw from the fewest likeliest tokens that reach this probability; 1 is off.",
    default: "1",
  },
  {
    key: "minP",
    types: ["number"],
    doc: "Draw from tokens at least this fraction as likely as the likeliest; 0 is off.",
    default: "0",
  },
  {
    key: "typicalP",
    types: ["number"],
    doc: "Draw from the most typical tokens that reach this probability; 1 is off.",
    default: "1",
  },
  {
    key: "maxOutputTokens",
    types: ["number"],
    doc: "The most tokens a hole may take.",
    default: "what is left of the context",
  },
  { key: "stopSequences", types: ["list"], doc: "Texts that end the answer; they are not part of it." },
  {
    key: "repetitionPenalty",
    types: ["number"],
    doc: "Above 1, tokens that were written become less likely.",
    default: "1",
  },
  {
    key: "frequencyPenalty",
    types: ["number"],
    doc: "Taken off a token's logit for each time it was written.",
    default: "0",
  },
  { key: "presencePenalty", types: ["number"], doc: "Taken off a token's logit once it was written.", default: "0" },
  {
    key: "penaltyWindow",
    types: ["number"],
    doc: "How many of the last tokens the penalties look at.",
    default: "256",
  },
  {
    key: "noRepeatNgram",
    types: ["number"],
    doc: "No sequence of this many tokens is written twice; 0 is off.",
    default: "0",
  },
  { key: "logitBias", types: ["object"], doc: "Token id to what is added to its logit." },
  { key: "seed", types: ["number"], doc: "The same seed gives the same text.", default: "0" },
];
