/** What a prompt renders to: messages of parts, in which holes keep their place. */

import type { Json, JsonObject } from "../base/json.js";
import type { Diagnostic } from "./diagnostic.js";
import type { Reading } from "./guide/reading.js";
import type { HoleSpec } from "./hole.js";
import type { ShotSelection } from "./shots/selectShots.js";
import type { TemplateCache } from "./templateCache.js";

export interface RenderedMessage {
  /** As in Dotprompt: `system`, `user`, `model`, `tool`. */
  readonly role: string;
  readonly parts: readonly RenderedPart[];
  /** Dotprompt's own metadata, such as `{purpose: "history"}`. */
  readonly metadata?: JsonObject;
  /** The whole message comes from this shot, and a preview may fold it. */
  readonly shot?: RenderedShot;
}

export interface RenderedShot {
  /** The shot's place in the list or the file, from 0. */
  readonly index: number;
  /** How many shots the prompt has. */
  readonly of: number;
  /** Why it was chosen, in words. */
  readonly reason: string;
}

export type RenderedPart = PartContent & {
  /** The priority of the innermost `{{#keep}}` around it; without one it is never dropped. */
  readonly keep?: number;
  /** It stands in `{{#emphasize}}`. */
  readonly emphasized?: true;
  /** The guide tells it, and not the file. */
  readonly told?: true;
};

export type PartContent =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "media"; readonly url: string; readonly contentType?: string }
  /** Parts of history messages that are neither text nor media (tool calls), passed through. */
  | { readonly kind: "other"; readonly value: Json }
  /** Dotprompt's `section`, when it is not one of our holes. */
  | { readonly kind: "section"; readonly name: string }
  /** `filled` is the text written there, or undefined while nobody has. */
  | { readonly kind: "hole"; readonly hole: HoleSpec; readonly filled?: string };

export interface RenderRequest {
  /** Values of the input variables; defaults of the file fill the gaps. */
  readonly input?: JsonObject;
  /** Dotprompt's `@` variables beside `@gen`. */
  readonly context?: JsonObject;
  /** Earlier messages, put where `{{history}}` stands or before the last user message. */
  readonly history?: readonly RenderedMessage[];
  /** The few-shot examples of this run, selected; left out: none. */
  readonly shots?: ShotSelection;
  /** Blocks of `{{#keep}}` with this priority or a lower one are left out. */
  readonly dropUpTo?: number;
  /** The source of the partial `_name.prompt`, or undefined where there is none. Must not throw. */
  readonly partial?: (name: string) => string | undefined;
  /** Holes filled so far: the text that was written. `{{@gen.x}}` gives `values[x]`, or else this text. */
  readonly filled?: Readonly<Record<string, string>>;
  /** Keys that stand over the file's `tiller.guide`; null takes one away. */
  readonly guide?: JsonObject;
  /** Default: the prompt that is sent. */
  readonly reading?: Reading;
  /** Compiled templates of earlier renderings; whoever renders often keeps one. */
  readonly templates?: TemplateCache;
  /** Typed values of filled holes, for `{{@gen.x}}`. */
  readonly values?: Readonly<Record<string, Json>>;
}

export interface RenderResult {
  readonly messages: readonly RenderedMessage[];
  /** Errors mean: do not send this. Rendering went as far as it could. */
  readonly diagnostics: readonly Diagnostic[];
}
