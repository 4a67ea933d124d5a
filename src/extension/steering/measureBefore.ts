/** What the text as written keeps of the presets that the steered one was asked for: only so can both be compared. */

import type { JsonObject } from "../../base/json.js";
import { checkPresets } from "../../lang/guide/checkPresets.js";
import { readGuideSettings } from "../../lang/guide/readGuide.js";
import type { PresetCheck } from "../../protocol/guide.js";
import type { RunFigures } from "./runFigures.js";

/** `guide` is the steered one, as a whole. Holes in which nothing was measured are left out. */
export function measureBefore(guide: JsonObject, asWritten: RunFigures, steered: RunFigures): readonly PresetCheck[] {
  const said = Object.fromEntries(Object.entries(guide).filter(([, it]) => it !== null));
  const read = readGuideSettings(said, () => undefined); // the run has reported what is wrong
  const limits = { ...read.wished, ...read.limits };
  return steered.holes.flatMap(({ name, presets }) => {
    const text = asWritten.holes.find((it) => it.name === name)?.text;
    const measured = new Set(presets.map((it) => it.control));
    return text === undefined
      ? []
      : checkPresets({ ...read, limits }, text.trim()).filter((it) => measured.has(it.control));
  });
}
