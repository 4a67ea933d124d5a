/** A prompt is run and stopped without the mouse. */

import assert from "node:assert/strict";

import type { UiScript } from "../harness/uiTests.js";

export const runByKeyboard: UiScript = {
  title: "Ctrl+Enter runs the prompt, Escape stops it and keeps the text so far",
  run: async (workbench) => {
    const look = () => workbench.visibleText("long output.md");
    await workbench.openFile("long.prompt");
    await workbench.page.keyboard.press("Control+Enter");
    const first = await workbench.until("the first words", look, (text) => /\w\n\n\w|failed/.test(text), 60_000);
    assert.doesNotMatch(first, /The run failed/);
    await workbench.page.locator('.editor-actions [aria-label^="Stop"]').waitFor();
    await workbench.screenshot("run-running");
    await workbench.page.keyboard.press("Escape");
    await workbench.until("the note that it was cancelled", look, (text) => /cancelled/.test(text));
    await workbench.page.locator('.editor-actions [aria-label^="Stop"]').waitFor({ state: "hidden" });
  },
};
