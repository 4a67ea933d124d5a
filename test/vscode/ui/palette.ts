/** Which commands are offered where. */

import assert from "node:assert/strict";

import type { UiScript } from "../harness/uiTests.js";

export const palette: UiScript = {
  title: "Commands for prompts are offered in prompts only, the other commands everywhere",
  run: async (workbench) => {
    const everywhere = [
      "Tiller: Add Folder of Adapters...",
      "Tiller: Compare: Run",
      "Tiller: Compare: Turn Blind Votes On or Off",
      "Tiller: Focus on Adapters View", // VS Code makes these two
      "Tiller: Focus on Compare View",
      "Tiller: Generate with Guidance",
      "Tiller: New Prompt File...",
      "Tiller: Open Compare in Editor",
      "Tiller: Refresh Adapters",
      "Tiller: Restart Engine",
      "Tiller: Show Engine Log",
      "Tiller: Show How Completions Are Used",
      "Tiller: Snooze Completions, or Wake Them",
    ];
    const inPrompts = [
      "Tiller: Add Run as Example",
      "Tiller: Compare",
      "Tiller: Open Preview to the Side",
      "Tiller: Remove Adapter from Prompt",
      "Tiller: Run Prompt",
      "Tiller: Set Scale of Adapter...",
      "Tiller: Use Adapter in Prompt",
    ];
    await workbench.openFile("notes.prompt.md");
    assert.deepEqual([...(await workbench.commandsFor("Tiller: "))].sort(), everywhere);
    await workbench.openFile("hello.prompt");
    assert.deepEqual([...(await workbench.commandsFor("Tiller: "))].sort(), [...everywhere, ...inPrompts].sort());
    await workbench.page.locator('.editor-actions [aria-label^="Run Prompt"]').waitFor();
  },
};
