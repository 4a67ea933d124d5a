/** Shots as turns of a conversation, and whether a template says where they stand. */

import type { Node } from "../ast.js";
import type { RenderedMessage } from "../rendered.js";
import { allCalls, calleeName } from "../walk.js";
import type { ShotSelection } from "./selectShots.js";
import { inputText, outputText } from "./shot.js";
import { toRendered } from "./shotsHelper.js";

export function shotTurns({ shots, of }: ShotSelection): readonly RenderedMessage[] {
  return shots.flatMap((selected) => {
    const shot = toRendered(selected, of);
    const says = (role: string, text: string): RenderedMessage => ({ role, parts: [{ kind: "text", text }], shot });
    return [says("user", inputText(selected.shot.input)), says("model", outputText(selected.shot.output))];
  });
}

/** `{{shots}}` or `{{#shots}}` is written somewhere in it. */
export function placesShots(nodes: readonly Node[]): boolean {
  return allCalls(nodes).some((it) => calleeName(it) === "shots");
}
