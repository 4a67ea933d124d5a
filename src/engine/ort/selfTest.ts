/**
 * Checks on a tiny graph what inPlaceCache.ts relies on: that attention appends in place, and that the sentinel keeps the
 * binding from copying. Takes a few milliseconds; the answer decides how caches are kept.
 */

import { InferenceSession, Tensor } from "onnxruntime-node";

import { messageOf } from "../../base/error.js";
import { GraphBuilder } from "../onnx/graphBuilder.js";
import { runToSentinel } from "./inPlaceCache.js";
import type { CacheKind } from "./kvCache.js";

export interface CacheTest {
  readonly kind: Exclude<CacheKind, "device">;
  /** Why caches are copied, in words for `tiller doctor`. */
  readonly reason?: string;
}

const HEAD = 16;
const CAPACITY = 8;

export async function testCache(): Promise<CacheTest> {
  try {
    const session = await InferenceSession.create(attentionGraph(), { intraOpNumThreads: 1, logSeverityLevel: 3 });
    try {
      const expected = await twoSteps(session, false);
      const found = await twoSteps(session, true);
      const equal = expected.every((it, i) => it === found[i]);
      return equal
        ? { kind: "in-place" }
        : { kind: "copied", reason: "attention does not append to the cache in place" };
    } finally {
      await session.release();
    }
  } catch (error) {
    return { kind: "copied", reason: messageOf(error) };
  }
}

/** One head of attention over a cache: small, and the same operator as in the real graph. */
function attentionGraph(): Uint8Array {
  const graph = new GraphBuilder();
  graph.nodeInto("SequenceEmpty", [], [graph.sequenceOutput("sentinel", "float32")], { attributes: { dtype: 1 } });
  graph.input("qkv", "float32", [1, "sequence", 3 * HEAD]);
  for (const it of ["pastKey", "pastValue"]) graph.input(it, "float32", [1, 1, "past", HEAD]);
  graph.input("lastPositions", "int32", [1]);
  graph.input("totalLength", "int32", []);
  graph.output("attended", "float32", [1, "sequence", HEAD]);
  for (const it of ["presentKey", "presentValue"]) graph.output(it, "float32", [1, 1, "present", HEAD]);
  graph.nodeInto(
    "GroupQueryAttention",
    ["qkv", "", "", "pastKey", "pastValue", "lastPositions", "totalLength"],
    ["attended", "presentKey", "presentValue"],
    { domain: "com.microsoft", attributes: { num_heads: 1, kv_num_heads: 1 } },
  );
  return graph.build().bytes;
}

/** What attention gives in the second of two steps: with a cache in place, or fed back as it was returned. */
async function twoSteps(session: InferenceSession, inPlace: boolean): Promise<Float32Array> {
  const key = emptyCache(inPlace ? CAPACITY : 0);
  const value = emptyCache(inPlace ? CAPACITY : 0);
  const first = feedsAt(0);
  const second = feedsAt(1);
  if (!inPlace) {
    const names = ["attended", "presentKey", "presentValue"];
    const { presentKey, presentValue } = await session.run({ ...first, pastKey: key, pastValue: value }, names);
    const { attended } = await session.run({ ...second, pastKey: presentKey!, pastValue: presentValue! }, names);
    return attended!.data as Float32Array;
  }
  const attended = new Tensor("float32", new Float32Array(HEAD), [1, 1, HEAD]);
  const fetches = { sentinel: null, attended, presentKey: key, presentValue: value };
  await runToSentinel(session, { ...first, pastKey: key, pastValue: value }, fetches);
  await runToSentinel(session, { ...second, pastKey: key, pastValue: value }, fetches);
  return attended.data as Float32Array;
}

function feedsAt(position: number) {
  const qkv = Float32Array.from({ length: 3 * HEAD }, (_, i) => Math.sin(i + 7 * position));
  return {
    qkv: new Tensor("float32", qkv, [1, 1, 3 * HEAD]),
    lastPositions: new Tensor("int32", Int32Array.of(position), [1]),
    totalLength: new Tensor("int32", Int32Array.of(position + 1), []),
  };
}

function emptyCache(capacity: number): Tensor {
  return new Tensor("float32", new Float32Array(capacity * HEAD), [1, 1, capacity, HEAD]);
}
