/**
 * Models that the engine does not have, as those of other extensions of the editor: whoever listens to a comparison asks them
 * for it, and answers piece by piece. Plain data.
 */

import type { ChatMessage } from "./engine.js";

/** The path of such a model: `vscode-lm:VENDOR/ID`. */
const SCHEME = "vscode-lm:";

export function isOutside(path: string): boolean {
  return path.startsWith(SCHEME);
}

export function outsidePath(vendor: string, id: string): string {
  return `${SCHEME}${vendor}/${id}`;
}

/** Undefined for the path of a file. */
export function outsideName(path: string): { readonly vendor: string; readonly id: string } | undefined {
  const rest = isOutside(path) ? path.slice(SCHEME.length) : "";
  const slash = rest.indexOf("/");
  return slash < 1 ? undefined : { vendor: rest.slice(0, slash), id: rest.slice(slash + 1) };
}

export interface OutsideRequest {
  /** Its own among those that are open. */
  readonly ask: string;
  /** As above. */
  readonly path: string;
  readonly messages: readonly ChatMessage[];
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
}

/** Of one request: texts, and then one of the others. */
export type OutsideAnswer = { readonly ask: string } & (
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "done";
      readonly finish: "stop" | "length";
      /** As the model counts them; 0 where it does not. */
      readonly promptTokens: number;
      readonly tokens: number;
    }
  /** `message` says what happened, why, and what to do. */
  | { readonly kind: "failed"; readonly message: string }
);
