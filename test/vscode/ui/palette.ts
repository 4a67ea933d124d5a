/** Which commands are offered where. */

import assert from "node:assert/strict";

import type { UiScript } from "../harness/uiTests.js";

export const palette: UiScript = {
  title: "Run Prompt is offered in prompts only, the other commands everywhere",
  run: async (workbench) => {
    const everywhere = ["Tiller: Generate with Guidance", "Tiller: Restart Engine", "Tiller: Show Engine Log"];
    await workbench.openFile("notes.prompt.md");
    assert.deepEqual([...(await workbench.commandsFor("Tiller: "))].sort(), everywhere);
    await workbench.openFile("hello.prompt");
    assert.deepEqual(
      [...(await workbench.commandsFor("Tiller: "))].sort(),
      [...everywhere, "Tiller: Run Prompt"].sort(),
    );
    await workbench.page.locator('.editor-actions [aria-label^="Run Prompt"]').waitFor();
  },
};
