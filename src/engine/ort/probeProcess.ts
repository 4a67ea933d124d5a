/**
 * Entry point of a process that is thrown away: tries one device on a small graph, prints one line of JSON, and ends. It may
 * crash, hang or write whatever it likes: deviceProbe.ts, which starts it, loses nothing.
 *
 *     node probeProcess.js DEVICE
 */

import { InferenceSession, Tensor } from "onnxruntime-node";

import { GraphBuilder } from "../onnx/graphBuilder.js";
import type { ProbeAnswer } from "./deviceProbe.js";
import { refuseTelemetry } from "./noTelemetry.js";

const HEAD = 64;
const HEADS = 8;
const STEPS = 32;
const TOLERANCE = 1e-2;

async function probe(device: string): Promise<ProbeAnswer> {
  const model = graph();
  // The CPU may not help out: then the answer would say nothing of the device.
  const extra = { session: { disable_cpu_ep_fallback: device === "cpu" ? "0" : "1" } };
  const options = { logSeverityLevel: 4, executionProviders: [device], extra } as const;
  const onDevice = await InferenceSession.create(model, options);
  const onCpu = await InferenceSession.create(model, { logSeverityLevel: 4, executionProviders: ["cpu"] });
  for (const it of [onDevice, onCpu]) await run(it); // the first run of each compiles and warms up
  const [found, expected] = [await run(onDevice), await run(onCpu)];
  const worst = expected.values.reduce((most, it, i) => Math.max(most, Math.abs(it - found.values[i]!)), 0);
  // Written so that NaN is wrong too.
  if (!(worst <= TOLERANCE)) return { kind: "wrong", worst };
  return { kind: "right", speedup: expected.ms / found.ms };
}

/** Attention over a cache, as in the real graph. */
function graph(): Uint8Array {
  const builder = new GraphBuilder();
  builder.input("qkv", "float32", [1, "sequence", 3 * HEADS * HEAD]);
  for (const it of ["pastKey", "pastValue"]) builder.input(it, "float32", [1, HEADS, "past", HEAD]);
  builder.input("lastPositions", "int32", [1]);
  builder.input("totalLength", "int32", []);
  builder.output("attended", "float32", [1, "sequence", HEADS * HEAD]);
  for (const it of ["presentKey", "presentValue"]) builder.output(it, "float32", [1, HEADS, "present", HEAD]);
  builder.nodeInto(
    "GroupQueryAttention",
    ["qkv", "", "", "pastKey", "pastValue", "lastPositions", "totalLength"],
    ["attended", "presentKey", "presentValue"],
    { domain: "com.microsoft", attributes: { num_heads: HEADS, kv_num_heads: HEADS } },
  );
  return builder.build().bytes;
}

async function run(session: InferenceSession): Promise<{ readonly values: Float32Array; readonly ms: number }> {
  let key = new Tensor("float32", new Float32Array(0), [1, HEADS, 0, HEAD]);
  let value = key;
  let values = new Float32Array(0);
  const start = performance.now();
  for (let position = 0; position < STEPS; position++) {
    const qkv = Float32Array.from({ length: 3 * HEADS * HEAD }, (_, i) => Math.sin(i + 7 * position));
    const { attended, presentKey, presentValue } = await session.run({
      qkv: new Tensor("float32", qkv, [1, 1, qkv.length]),
      pastKey: key,
      pastValue: value,
      lastPositions: new Tensor("int32", Int32Array.of(position), [1]),
      totalLength: new Tensor("int32", Int32Array.of(position + 1), []),
    });
    [key, value] = [presentKey as typeof key, presentValue as typeof key];
    values = attended!.data as typeof values;
  }
  return { values, ms: performance.now() - start };
}

refuseTelemetry();
const answer = await probe(process.argv[2] ?? "cpu").catch((error: unknown): ProbeAnswer => {
  return { kind: "absent", message: error instanceof Error ? error.message : String(error) };
});
process.stdout.write(`\n${JSON.stringify(answer)}\n`, () => process.exit(0));
