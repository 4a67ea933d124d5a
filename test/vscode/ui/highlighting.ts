/** Colours of a .prompt file. */

import assert from "node:assert/strict";

import type { UiScript } from "../harness/uiTests.js";

export const highlighting: UiScript = {
  title: "A prompt is shown as Dotprompt",
  run: async (workbench) => {
    await workbench.openFile("hello.prompt");
    await workbench.statusBar.getByText("Dotprompt", { exact: true }).waitFor();
    assert.match(await workbench.visibleText(), /Say hello to \{\{name\}\}/);
    await workbench.until(
      "a variable stands out from the text, and a key of the front matter from its value",
      async () => ({
        variable: await workbench.colorOf("name", 11),
        text: await workbench.colorOf("Say", 11),
        key: await workbench.colorOf("temperature", 3),
        value: await workbench.colorOf("0", 3),
      }),
      ({ variable, text, key, value }) => variable !== text && key !== value,
    );
    await workbench.openFile("triage.prompt");
    await workbench.screenshot("highlighting");
  },
};
