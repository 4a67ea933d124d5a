/** Generate with Guidance as a person uses it: start, look, stop, take back. */

import assert from "node:assert/strict";

import type { UiScript } from "../harness/uiTests.js";

export const generate: UiScript = {
  title: "Generate with Guidance writes at the cursor, Escape stops it, one undo takes it back",
  run: async (workbench) => {
    const { keyboard } = workbench.page;
    await workbench.openFile("notes.prompt.md");
    await keyboard.press("Control+End");
    const before = await workbench.visibleText();
    await workbench.runCommand("Tiller: Generate with Guidance");
    const look = () => workbench.visibleText();
    await workbench.until("text at the cursor", look, (text) => before.length + 10 < text.length, 60_000);
    await workbench.screenshot("generate-running");
    await keyboard.press("Escape");
    const stopped = workbench.page.getByText("Tiller is writing").first();
    await stopped.waitFor({ state: "hidden" });
    assert.ok((await look()).startsWith(before.trimEnd()), "what stood there is still there");
    await keyboard.press("Control+Z");
    await workbench.until("the text as it was", look, (text) => text === before);
  },
};
