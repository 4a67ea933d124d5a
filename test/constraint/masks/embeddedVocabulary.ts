// The embedded model's tokens, and larger vocabularies made from them.

import { join } from "node:path";

import { createVocabulary, type VocabularySource } from "../../../src/constraint/vocabulary.js";
import { openModelFile } from "../../../src/engine/gguf/modelFile.js";
import { readTokenizerMetadata } from "../../../src/engine/tokenizer/metadata.js";
import { createTokenizer, type Tokenizer } from "../../../src/engine/tokenizer/tokenizer.js";

const embedded = join(import.meta.dirname, "../../../../models/SmolLM2-135M-Instruct.Q4_1.gguf");

/** `path` is for a bundle, which lies elsewhere. */
export async function embeddedTokenizer(path = embedded): Promise<Tokenizer> {
  const file = await openModelFile(path);
  try {
    return createTokenizer(readTokenizerMetadata(file.metadata));
  } finally {
    file.close();
  }
}

export function vocabularyOf(tokenizer: Tokenizer, size = tokenizer.vocabularySize) {
  return createVocabulary(enlarged(tokenizer, size));
}

/** Beyond the model's own tokens: pairs of them, as a larger vocabulary would have. */
function enlarged(tokenizer: Tokenizer, size: number): VocabularySource {
  const own = tokenizer.vocabularySize;
  const bytes = (id: number) => (tokenizer.isSpecial(id) ? new Uint8Array(0) : tokenizer.bytes(id));
  return {
    size,
    ends: [...tokenizer.eos],
    bytes(id) {
      if (id < own) return bytes(id);
      const first = bytes(300 + ((id * 7919) % (own - 300)));
      const second = bytes(300 + ((id * 104_729) % (own - 300)));
      return Uint8Array.from([...first, ...second]);
    },
  };
}
