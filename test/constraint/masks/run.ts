// `npm run test:masks`: every schema of a folder, and one line of JSON at the end. TILLER_MASKBENCH names the folder,
// TILLER_MASK_VOCABULARY a larger number of tokens.

import { existsSync } from "node:fs";
import { join } from "node:path";

import { embeddedTokenizer, vocabularyOf } from "./embeddedVocabulary.js";
import { walkFolder } from "./walk.js";

const folder = process.env["TILLER_MASKBENCH"] ?? join(import.meta.dirname, "../../../../../shared/data/maskbench");
if (existsSync(folder)) {
  const tokenizer = await embeddedTokenizer();
  const size = Number(process.env["TILLER_MASK_VOCABULARY"] ?? tokenizer.vocabularySize);
  const { report, problems } = walkFolder(folder, tokenizer, vocabularyOf(tokenizer, size));
  for (const it of problems) console.log(it.length < 400 ? it : `${it.slice(0, 397)}...`);
  console.log(JSON.stringify(report));
  if (0 < report.acceptedInvalid) process.exitCode = 1;
} else {
  console.log(`There are no schemas at ${folder}. Name their folder in TILLER_MASKBENCH.`);
  process.exitCode = 1;
}
