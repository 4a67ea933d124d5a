/** What a model asks of the device that computes it, beyond what every model does. */

import type { CacheType, ModelSpec } from "../protocol/engine.js";
import type { ModelShape } from "./graph/modelShape.js";
import type { AttentionFeature } from "./ort/deviceProbe.js";

export interface DeviceNeeds {
  /** How wide its layers are: the wider, the more a device gains. */
  readonly hiddenSize: number;
  readonly attention: readonly AttentionFeature[];
  readonly cacheType: CacheType;
  /** It is set to a pattern of attention whose cache forgets. */
  readonly forgets: boolean;
}

export function needsOf({ hiddenSize, attention }: ModelShape, { cache, attention: pattern }: ModelSpec): DeviceNeeds {
  const features: AttentionFeature[] = [];
  if (attention.softCap !== undefined) features.push("soft cap");
  if (attention.layers.some((it) => it.window !== undefined)) features.push("window");
  const forgets = typeof pattern === "object" && pattern.pattern !== "dense";
  return { hiddenSize, attention: features, cacheType: cache ?? "float32", forgets };
}
