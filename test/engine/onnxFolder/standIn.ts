/**
 * The part of `@huggingface/transformers` that the engine uses, over the same runtime: where the package is not installed, the
 * tests run with it. TILLER_TRANSFORMERS=FOLDER runs them with the package in that folder.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import { temporaryFolder } from "../../temporaryFolder.js";

/** What TILLER_TRANSFORMERS was when the tests began. */
export const realPackage = process.env["TILLER_TRANSFORMERS"];

/** A folder whose node_modules hold the stand-in. */
export function writeStandIn(version = "4.3.2"): string {
  const folder = temporaryFolder("transformers");
  const home = join(folder, "node_modules/@huggingface/transformers");
  mkdirSync(home, { recursive: true });
  writeFileSync(
    join(home, "package.json"),
    JSON.stringify({ name: "@huggingface/transformers", version, main: "index.cjs" }),
  );
  const runtime = createRequire(import.meta.url).resolve("onnxruntime-node");
  writeFileSync(join(home, "index.cjs"), standIn(runtime, version));
  return folder;
}

const standIn = (runtime: string, version: string) => `
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { InferenceSession, Tensor } = require(${JSON.stringify(runtime)});

const endings = { fp32: "", fp16: "_fp16", q8: "_quantized", int8: "_int8", uint8: "_uint8", q4: "_q4", q4f16: "_q4f16", bnb4: "_bnb4" };

class DynamicCache {
  constructor(tensors) {
    Object.assign(this, tensors);
  }
}

const AutoModelForCausalLM = {
  async from_pretrained(path, options) {
    if (exports.env.allowRemoteModels) throw new Error("it may ask the network");
    const config = JSON.parse(readFileSync(join(path, "config.json"), "utf8"));
    const file = join(path, "onnx", "model" + endings[options.dtype] + ".onnx");
    const session = await InferenceSession.create(file, options.session_options);
    const headSize = config.head_dim ?? config.hidden_size / config.num_attention_heads;
    return {
      sessions: { model: session },
      async forward({ past_key_values = {}, ...inputs }) {
        const total = inputs.attention_mask.dims[1];
        const count = inputs.input_ids.dims[1];
        const positions = BigInt64Array.from({ length: count }, (_, i) => BigInt(total - count + i));
        const feeds = { ...inputs, position_ids: new Tensor("int64", positions, [1, count]), ...past_key_values };
        if (session.inputNames.includes("num_logits_to_keep")) feeds.num_logits_to_keep ??= new Tensor("int64", [0n], []);
        for (const { name, type } of session.inputMetadata)
          feeds[name] ??= new Tensor(type, type === "float16" ? new Uint16Array(0) : [], [1, config.num_key_value_heads, 0, headSize]);
        return session.run(feeds);
      },
      dispose: () => session.release(),
    };
  },
};

exports.env = { version: ${JSON.stringify(version)}, allowRemoteModels: true };
Object.assign(exports, { AutoModelForCausalLM, Tensor, DynamicCache });
`;
