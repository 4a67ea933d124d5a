/** What a run would send: the same messages, with their holes open. */

import type { Reading } from "../lang/guide/reading.js";
import type { RenderedMessage } from "../lang/rendered.js";
import { withFinalHole } from "../lang/finalHole.js";
import { withoutLayout } from "../lang/layout.js";
import { openPrompt, type OpenOptions } from "./openPrompt.js";

/** Roles are those that are sent. Throws what `openPrompt` throws. */
export function preview(options: OpenOptions, reading: Reading = "wanted"): RenderedMessage[] {
  const { render, finalHole } = openPrompt(options);
  return withFinalHole(render({}, {}, reading), finalHole, {}).map(({ role, parts, ...rest }) => ({
    ...rest,
    role: role === "model" ? "assistant" : role,
    parts: withoutLayout(parts).filter((it) => it.kind !== "text" || it.text !== ""),
  }));
}
