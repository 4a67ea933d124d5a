// What guidance costs: the time of a token against a run without it, turn by turn in short samples.

import { join } from "node:path";

import { silentLog } from "../src/base/log.js";
import { createLocalEngine } from "../src/engine/localEngine.js";
import type { GenerateRequest, PromptInput } from "../src/protocol/engine.js";
import { median, summary, type Measured } from "./statistics.js";

const root = join(import.meta.dirname, "../..");
const model = { path: join(root, "models/SmolLM2-135M-Instruct.Q4_1.gguf"), contextTokens: 2048, threads: 2 } as const;
const adapter = (name: string) => [{ path: join(root, "examples/adapters", name) }];
const vector = join(root, "test/golden/cheerful.control-vector.gguf");
const signal = new AbortController().signal;

const ROUNDS = 15;
const TOKENS = 24;

const question = { role: "user", content: "Tell me about the sea and the ships that sail on it." };
const chat = (...messages: readonly { readonly role: string; readonly content: string }[]): PromptInput => ({
  type: "messages",
  messages,
});
const prompt = chat({ role: "system", content: "You are a pirate. Answer in pirate speech." }, question);

type Settings = Pick<GenerateRequest, "guidance" | "adapters" | "wordBias">;

interface Line {
  readonly what: string;
  readonly settings: Settings;
  /** The most that the median of the ratios to the unguided run may be. */
  readonly most?: number;
}

const lines: readonly Line[] = [
  {
    what: "classifier-free guidance",
    settings: { guidance: { kind: "classifier-free", otherwise: chat(question), strength: 1.5 } },
    most: 1.5,
  },
  { what: "control vector on 29 layers", settings: { adapters: [{ path: vector, scale: 2 }] }, most: 1.03 },
  {
    what: "DExperts with expert and anti-expert, three rows",
    settings: {
      guidance: { kind: "experts", expert: adapter("pirate"), antiExpert: adapter("terse"), strength: 0.5 },
    },
    most: 2.2,
  },
  {
    what: "contrastive with the first 10 layers",
    settings: { guidance: { kind: "contrastive", amateur: { layers: 10 }, strength: 0.5 } },
  },
  { what: "word bias", settings: { wordBias: { sea: 2, ship: -2 } } },
];

export async function benchGuidance(): Promise<readonly Measured[]> {
  const engine = createLocalEngine({ log: silentLog });
  // As many tokens whatever the model would like to write, so that contexts are alike.
  const msPerToken = async (settings: Settings): Promise<number> => {
    const request = { model, prompt, maxTokens: TOKENS, minTokens: TOKENS, ...settings };
    const { usage } = await engine.generate(request, () => undefined, signal);
    return usage.decodeMs / usage.completionTokens;
  };
  const plain: number[] = [];
  const guided = lines.map((): number[] => []);
  const ratios = lines.map((): number[] => []);
  for (let round = -1; round < ROUNDS; round++) {
    for (const [i, { settings }] of lines.entries()) {
      // The unguided run beside each is from the same moment: a machine has faster and slower ones.
      const before = await msPerToken({});
      const found = await msPerToken(settings);
      if (round < 0) continue; // graphs were built, and caches filled
      plain.push(before);
      guided[i]!.push(found);
      ratios[i]!.push(found / before);
    }
  }
  await engine.dispose();
  return [
    { what: "a token without guidance (ms)", ...summary(plain), goal: "", reached: true },
    ...lines.flatMap(({ what, most }, i): Measured[] => [
      { what: `a token, ${what} (ms)`, ...summary(guided[i]!), goal: "", reached: true },
      {
        what: `${what}, against none`,
        ...summary(ratios[i]!),
        goal: most === undefined ? "" : `<= ${most}`,
        reached: most === undefined || median(ratios[i]!) <= most,
      },
      {
        what: `${what}, best against best`,
        ...summary([Math.min(...guided[i]!) / Math.min(...plain)]),
        goal: "",
        reached: true,
      },
    ]),
  ];
}
