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
      "Tiller: Focus on Models View",
      "Tiller: Generate with Guidance",
      "Tiller: Get Model...",
      "Tiller: New Prompt File...",
      "Tiller: Open Compare in Editor",
      "Tiller: Refresh Adapters",
      "Tiller: Refresh Models",
      "Tiller: Restart Engine",
      "Tiller: Show Engine Log",
      "Tiller: Show How Completions Are Used",
      "Tiller: Snooze Completions, or Wake Them",
      "Tiller: Use Model...",
    ];
    const inPrompts = [
      "Tiller: Add Run as Example",
      "Tiller: Compare",
      "Tiller: Compare With and Without Steering",
      "Tiller: Open Preview to the Side",
      "Tiller: Remove Adapter from Prompt",
      "Tiller: Reset Steering",
      "Tiller: Run Prompt",
      "Tiller: Run Steered",
      "Tiller: Run Tests of Prompt",
      "Tiller: Set Scale of Adapter...",
      "Tiller: Use Adapter in Prompt",
      "Tiller: Write Steering into File",
    ];
    await workbench.openFile("notes.prompt.md");
    assert.deepEqual([...(await workbench.commandsFor("Tiller: "))].sort(), everywhere);
    await workbench.openFile("hello.prompt");
    assert.deepEqual([...(await workbench.commandsFor("Tiller: "))].sort(), [...everywhere, ...inPrompts].sort());
    await workbench.page.locator('.editor-actions [aria-label^="Run Prompt"]').waitFor();
  },
};
