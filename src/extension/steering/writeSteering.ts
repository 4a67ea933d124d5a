/** The text of a prompt that says of itself what was tried in the steering panel. */

import { applyEdits, type TextEdit } from "../../lang/edit.js";
import { addAdapter, adaptersOf, frontMatterText, scaleAdapter } from "../../lang/editor/adapterEdits.js";
import { steer, steeringOf, type GuideEdit } from "../../lang/editor/guideEdits.js";
import type { FrontMatterText } from "../../lang/listEdit.js";
import type { JsonObject } from "../../base/json.js";
import type { AdapterEntry } from "../../lang/adapters.js";
import type { Steering } from "./moves.js";

export interface ReadSteering {
  readonly guide: JsonObject;
  readonly config: JsonObject;
  readonly adapters: readonly AdapterEntry[];
}

/** What the text says of its steering now. */
export function readSteering(text: string): ReadSteering {
  const file = frontMatterText(text);
  return { guide: steeringOf(file, "tiller.guide"), config: steeringOf(file, "config"), adapters: adaptersOf(file) };
}

export type WriteSteering =
  /** One edit of the least that changes; undefined: the text says all of it already. */
  | { readonly kind: "edit"; readonly edit: TextEdit | undefined }
  | { readonly kind: "refused"; readonly reason: string };

/** All or nothing. */
export function writeSteering(text: string, { guide, sampling, adapters }: Steering): WriteSteering {
  const steps: readonly ((file: FrontMatterText) => GuideEdit)[] = [
    (file) => steer(file, "tiller.guide", guide),
    (file) => steer(file, "config", sampling as JsonObject),
    ...adapters.map(
      ({ name, scale = 1 }) =>
        (file: FrontMatterText): GuideEdit =>
          adaptersOf(file).some((it) => it.name === name)
            ? scaleAdapter(file, name, scale)
            : addAdapter(file, { name, scale }),
    ),
  ];
  let after = text;
  for (const step of steps) {
    const done = step(frontMatterText(after));
    if (done.kind === "refused") return done;
    if (done.kind === "edit") after = applyEdits(after, [done.edit]);
  }
  return { kind: "edit", edit: leastEdit(text, after) };
}

/** From the first character that differs to the last one. */
function leastEdit(before: string, after: string): TextEdit | undefined {
  if (before === after) return undefined;
  let start = 0;
  while (before[start] === after[start]) start++;
  let [end, afterEnd] = [before.length, after.length];
  while (start < end && start < afterEnd && before[end - 1] === after[afterEnd - 1]) {
    end--;
    afterEnd--;
  }
  return { span: { start, end }, text: after.slice(start, afterEnd) };
}
