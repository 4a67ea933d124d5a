/**
 * Models that are worth getting, smallest first: what a person with a machine of some size would be told by a friend. They
 * are named here and fetched by nobody but the user.
 *
 * All are the makers' own repositories. Their names, those of the files and the sizes in bytes were checked in November 2026
 * against manifests of several projects that pin these very files by revision and SHA-256 and agree with each other; the
 * licences against such manifests and against the models' cards. What they are good for is our opinion.
 */

export interface RecommendedModel {
  readonly name: string;
  /** What `tiller models pull` is given. */
  readonly source: string;
  readonly sizeBytes: number;
  /** With a context of 8192 tokens, while it runs. */
  readonly memoryBytes: number;
  readonly purpose: string;
  readonly licence: string;
}

const recommended: readonly RecommendedModel[] = [
  {
    name: "SmolLM2 360M",
    source: "hf:HuggingFaceTB/SmolLM2-360M-Instruct-GGUF/smollm2-360m-instruct-q8_0.gguf",
    sizeBytes: 386_404_992,
    memoryBytes: 1.2e9,
    purpose: "short English texts and classification, faster than one can read",
    licence: "Apache-2.0",
  },
  {
    name: "Qwen3 0.6B",
    source: "hf:Qwen/Qwen3-0.6B-GGUF/Qwen3-0.6B-Q8_0.gguf",
    sizeBytes: 639_446_688,
    memoryBytes: 2.7e9,
    purpose: "many languages, JSON and extraction on a small machine",
    licence: "Apache-2.0",
  },
  {
    name: "SmolLM2 1.7B",
    source: "hf:HuggingFaceTB/SmolLM2-1.7B-Instruct-GGUF/smollm2-1.7b-instruct-q4_k_m.gguf",
    sizeBytes: 1_055_609_536,
    memoryBytes: 4.4e9,
    purpose: "English writing: summaries, rewriting, mail",
    licence: "Apache-2.0",
  },
  {
    name: "Qwen3 1.7B",
    source: "hf:Qwen/Qwen3-1.7B-GGUF/Qwen3-1.7B-Q8_0.gguf",
    sizeBytes: 1_834_426_016,
    memoryBytes: 4e9,
    purpose: "the allrounder for a laptop: languages, JSON, a little reasoning",
    licence: "Apache-2.0",
  },
  {
    name: "Qwen3 4B",
    source: "hf:Qwen/Qwen3-4B-GGUF/Qwen3-4B-Q4_K_M.gguf",
    sizeBytes: 2_497_280_256,
    memoryBytes: 5.5e9,
    purpose: "reasoning, code and long instructions; slower than one reads on most machines",
    licence: "Apache-2.0",
  },
  {
    name: "Qwen3 8B",
    source: "hf:Qwen/Qwen3-8B-GGUF/Qwen3-8B-Q4_K_M.gguf",
    sizeBytes: 5_027_783_488,
    memoryBytes: 8.2e9,
    purpose: "the best answers of these, for work that may take its time",
    licence: "Apache-2.0",
  },
];

/** While it is loaded a model takes about three times its weights for a moment. */
const LOADING_FACTOR = 3;

/** Those that fit into the memory of the machine with some of it left for everything else, the largest first. */
export function recommendedModels(totalBytes: number): RecommendedModel[] {
  const usable = totalBytes * 0.75;
  return recommended
    .filter(({ memoryBytes, sizeBytes }) => Math.max(memoryBytes, LOADING_FACTOR * sizeBytes) <= usable)
    .reverse();
}
