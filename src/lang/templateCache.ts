/** Partials parsed once for as long as somebody keeps the cache: an editor renders the same partials with every keystroke. */

import { recall } from "../base/recall.js";
import { span } from "../base/text.js";
import { parseBody, type ParsedBody } from "./parser.js";

export interface TemplateCache {
  /** The tree of a partial. */
  parsePartial(text: string): ParsedBody;
}

/** More partials than a prompt has. */
const KEPT = 200;

export function createTemplateCache(): TemplateCache {
  const parsed = new Map<string, ParsedBody>();
  return { parsePartial: (text) => recall(parsed, text, KEPT, () => parseBody(text, span(0, text.length))) };
}
