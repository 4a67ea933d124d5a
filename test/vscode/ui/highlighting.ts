/** Colours of a .prompt file. */

import assert from "node:assert/strict";

import type { UiScript } from "../harness/uiTests.js";

export const highlighting: UiScript = {
  title: "A prompt is shown as Dotprompt",
  run: async (workbench) => {
    await workbench.openFile("hello.prompt");
    await workbench.statusBar.getByText("Dotprompt", { exact: true }).waitFor();
    assert.match(await workbench.visibleText(), /Say hello to \{\{name\}\}/);
    await workbench.screenshot("highlighting");
  },
};
