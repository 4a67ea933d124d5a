/** What a model asks of the device that computes it, beyond what every model does. */

import type { CacheType } from "../protocol/engine.js";
import type { ModelShape } from "./graph/modelShape.js";
import type { AttentionFeature } from "./ort/deviceProbe.js";

export interface DeviceNeeds {
  /** How wide its layers are: the wider, the more a device gains. */
  readonly hiddenSize: number;
  readonly attention: readonly AttentionFeature[];
  readonly cacheType: CacheType;
}

export function needsOf({ hiddenSize, attention }: ModelShape, cacheType: CacheType): DeviceNeeds {
  const features: AttentionFeature[] = [];
  if (attention.softCap !== undefined) features.push("soft cap");
  if (attention.layers.some((it) => it.window !== undefined)) features.push("window");
  return { hiddenSize, attention: features, cacheType };
}
