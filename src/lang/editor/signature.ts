/** What a helper takes, while its tag is being written. */

import { helperNamed } from "./templateCompletion.js";
import { templatePlace } from "./templatePlace.js";
import type { PromptFile } from "../ast.js";

export interface Signature {
  /** The whole, such as `{{role "system"}}`. */
  readonly label: string;
  readonly doc: string;
  /** Parts of the label. */
  readonly parameters: readonly string[];
  readonly active: number;
}

export function signatureAt({ text, body }: PromptFile, offset: number): Signature | undefined {
  const place = templatePlace(text, body.span.start, offset);
  if (place?.kind !== "argument" && place?.kind !== "setting") return undefined;
  const helper = helperNamed(place.helper);
  if (helper === undefined) return undefined;
  const parameters = parametersOf(helper.usage);
  const named = parameters.findIndex((it) => place.kind === "setting" && it.startsWith(`${place.key}=`));
  const active = place.kind === "setting" ? named : Math.min(place.index, Math.max(0, parameters.length - 1));
  return { label: helper.usage, doc: helper.doc, parameters, active: Math.max(0, active) };
}

/** The words of the first tag behind its name. */
function parametersOf(usage: string): readonly string[] {
  const tag = /^\{\{#?\w+\s*([^}]*)\}\}/.exec(usage)?.[1] ?? "";
  return tag.match(/[\w]+="[^"]*"|"[^"]*"|[^\s"]+/g) ?? [];
}
