/** The pictures that `{{media}}` names, found where a prompt may look for them. */

import { isJsonObject, type Json, type JsonObject } from "../../base/json.js";
import type { RenderedPart } from "../rendered.js";
import { readMediaUrl } from "./mediaUrl.js";

export type MediaPart = Extract<RenderedPart, { readonly kind: "media" }>;

/** The absolute path of a picture; `isGiven`: the caller names it, and not the prompt. */
export type FindPicture = (name: string, isGiven: boolean) => string | undefined;

export type Picture =
  | { readonly kind: "bytes"; readonly base64: string }
  | { readonly kind: "file"; readonly path: string }
  /** A whole sentence. */
  | { readonly kind: "missing" | "wrong"; readonly problem: string };

/** `given` is what the caller gave: a picture that it names may lie anywhere. */
export function pictureOf({ url, contentType }: MediaPart, given: JsonObject, find: FindPicture): Picture {
  const media = readMediaUrl(url, contentType);
  switch (media.kind) {
    case "bytes":
      return media;
    case "file": {
      const isGiven = holdsText(given, url);
      const path = find(media.name, isGiven);
      if (path !== undefined) return { kind: "file", path };
      const where = isGiven
        ? ""
        : " A prompt reads pictures from its own folder and below; others are given as an input.";
      return { kind: "missing", problem: `The picture ${media.name} was not found.${where}` };
    }
    case "problem": {
      const shown = url.length <= 80 ? url : `${url.slice(0, 77)}...`;
      return { kind: "wrong", problem: `{{media}} cannot show ${JSON.stringify(shown)}: ${media.problem}.` };
    }
    default:
      return media satisfies never;
  }
}

/** Whether the text is one of the values within. */
function holdsText(value: Json, text: string): boolean {
  if (typeof value === "string") return value === text;
  if (Array.isArray(value)) return (value as readonly Json[]).some((it) => holdsText(it, text));
  return isJsonObject(value) && Object.values(value).some((it) => holdsText(it, text));
}
