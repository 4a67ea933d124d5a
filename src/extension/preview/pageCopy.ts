/**
 * Which messages the page has already, so that a keystroke in a long prompt sends the one message that it changed. Knows
 * nothing of the editor.
 */

import type { PreviewState, PreviewUpdate } from "../../protocol/preview.js";

export class PageCopy {
  /** The messages that were sent last, each as JSON; undefined when the page may have lost them. */
  #sent: { readonly version: number; readonly messages: readonly string[] } | undefined;

  /** The page was loaded again: the next update holds everything. */
  forget(): void {
    this.#sent = undefined;
  }

  /** The update that takes the page from what it has to `state`. */
  update(state: PreviewState): PreviewUpdate {
    const before = this.#sent;
    const messages = state.messages.map((it) => JSON.stringify(it));
    this.#sent = { version: state.version, messages };
    if (before === undefined) return { type: "state", state };
    const most = Math.min(before.messages.length, messages.length);
    let keptFirst = 0;
    while (keptFirst < most && before.messages[keptFirst] === messages[keptFirst]) keptFirst++;
    let keptLast = 0;
    while (keptLast < most - keptFirst && before.messages.at(-1 - keptLast) === messages.at(-1 - keptLast)) keptLast++;
    const { messages: all, ...others } = state;
    const between = all.slice(keptFirst, all.length - keptLast);
    return { type: "change", since: before.version, state: others, messages: { keptFirst, keptLast, between } };
  }
}
