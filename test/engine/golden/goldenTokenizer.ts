// The embedded model's tokenizer and chat template, for the tests of this folder.

import { openModelFile } from "../../../src/engine/gguf/modelFile.js";
import { readTokenizerMetadata } from "../../../src/engine/tokenizer/metadata.js";
import { createTokenizer, type Tokenizer } from "../../../src/engine/tokenizer/tokenizer.js";
import { modelPath } from "./goldenModel.js";

export interface EmbeddedTokenizer {
  readonly tokenizer: Tokenizer;
  readonly template: string;
}

export async function embeddedTokenizer(): Promise<EmbeddedTokenizer> {
  const file = await openModelFile(modelPath);
  try {
    const tokenizer = createTokenizer(readTokenizerMetadata(file.metadata));
    return { tokenizer, template: file.metadata.requiredText("tokenizer.chat_template") };
  } finally {
    file.close();
  }
}
