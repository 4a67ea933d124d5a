// node-llama-cpp behind one pipe, as llamaServer.py; with "first" instead of a context size it writes its first token and waits.
import { createInterface } from "node:readline";

import { getLlama } from "node-llama-cpp";

const [path, context, threads] = process.argv.slice(2);
const isFirst = context === "first";
const llama = await getLlama({ build: "never", logLevel: "error", gpu: false, maxThreads: Number(threads) });
const model = await llama.loadModel({ modelPath: path });
const session = await model.createContext({ contextSize: isFirst ? 2048 : Number(context), threads: Number(threads) });
const sequence = session.getSequence();

if (isFirst) {
  const ids = Array.from({ length: 40 }, (_, i) => 1000 + 7 * i);
  let count = 0;
  for await (const token of sequence.evaluate(ids, { temperature: 0 })) {
    if (count++ === 0) process.stdout.write(`${token}\n`);
    if (count === 200) break;
  }
  process.exit(0);
}
console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const { ids, count } = JSON.parse(line);
  await sequence.clearHistory();
  const start = performance.now();
  let prefilled = 0;
  let written = 0;
  for await (const _ of sequence.evaluate(ids, { temperature: 0, yieldEogToken: true })) {
    if (written++ === 0) prefilled = performance.now();
    if (written === count) break;
  }
  console.log(
    JSON.stringify({
      prefillMs: prefilled - start,
      decodeMs: ((performance.now() - prefilled) * (count - 1)) / Math.max(1, written - 1),
    }),
  );
}
