/** What of a message is the layout of its file, and is not sent. */

import type { RenderedPart } from "./rendered.js";

/**
 * In a message with holes, the line breaks between `{{role}}` and what follows, and the white space after the last hole,
 * are the layout of the file: a model that had to continue them would answer worse. Messages without holes are sent
 * exactly as Dotprompt renders them.
 */
export function withoutLayout(parts: readonly RenderedPart[]): readonly RenderedPart[] {
  const last = parts.findLastIndex((it) => it.kind === "hole");
  if (last < 0) return parts;
  const first = parts.findIndex((it) => it.kind === "hole" || (it.kind === "text" && it.text.trim() !== ""));
  return parts.map((part, i): RenderedPart => {
    if (part.kind !== "text") return part;
    if (i < first || (last < i && isBlankFrom(parts, i))) return { ...part, text: "" };
    if (i === first) return { ...part, text: part.text.replace(/^\s*\n/, "") };
    return last < i && isBlankFrom(parts, i + 1) ? { ...part, text: part.text.trimEnd() } : part;
  });
}

function isBlankFrom(parts: readonly RenderedPart[], from: number): boolean {
  return parts.slice(from).every((it) => it.kind === "text" && it.text.trim() === "");
}
