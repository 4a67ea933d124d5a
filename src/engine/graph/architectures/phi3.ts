/** Phi 3 and 4: q, k and v in one tensor, gate and up in another. */

import type { Architecture } from "../architecture.js";
import { readCommonShape } from "../commonShape.js";
import { buildDecoder } from "../decoderStack.js";
import type { LinearModule } from "../modules.js";

export const phi3: Architecture = {
  name: "phi3",
  // Files may say `attention.sliding_window`; llama.cpp attends to everything, and so do we.
  readShape: (metadata, vocabularySize) => readCommonShape(metadata, vocabularySize, { ropeInterleaved: false }),

  modules({ hiddenSize: hidden, feedForwardSize: inner, heads, kvHeads, headSize }): readonly LinearModule[] {
    const q = heads * headSize;
    const qkv = q + 2 * kvHeads * headSize;
    const whole = (
      group: LinearModule["group"],
      rows: number,
      columns: number,
      peftName: string,
      ggufName: string,
    ) => ({
      group,
      firstRow: 0,
      rows,
      columns,
      peftName,
      ggufName,
    });
    return [
      whole("qkv", qkv, hidden, "self_attn.qkv_proj", "attn_qkv"),
      whole("output", hidden, q, "self_attn.o_proj", "attn_output"),
      whole("gateUp", 2 * inner, hidden, "mlp.gate_up_proj", "ffn_up"),
      whole("down", hidden, inner, "mlp.down_proj", "ffn_down"),
    ];
  },

  build: (context) => buildDecoder(context, { feedForward: "silu" }),
};
