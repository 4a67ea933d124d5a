/** Run Prompt from the command palette: the way that works everywhere, and the one the installed package is tried with. */

import assert from "node:assert/strict";

import type { UiScript } from "../harness/uiTests.js";

export const runPrompt: UiScript = {
  title: "Run Prompt shows beside the prompt what the model writes",
  run: async (workbench) => {
    await workbench.openFile("hello.prompt");
    await workbench.runCommand("Tiller: Run Prompt");
    const output = await workbench.until(
      "the output of the run",
      () => workbench.visibleText("hello output.md"),
      (text) => /The run failed|read\s+\d+\s+tokens?\s+and\s+wrote\s+\d+/.test(text),
      60_000, // the first run loads the model
    );
    assert.doesNotMatch(output, /The run failed/);
    assert.match(output, /^# hello\.prompt\n\n\w+/);
    await workbench.screenshot("run-prompt");
  },
};
