/** Generate with Guidance as a person uses it: start, look, stop, take back. */

import assert from "node:assert/strict";

import type { UiScript } from "../harness/uiTests.js";
import type { Workbench } from "../harness/workbench.js";

export const generate: UiScript = {
  title: "Generate with Guidance writes at the cursor, Escape stops it, one undo takes it back",
  run: async (workbench) => {
    const { keyboard } = workbench.page;
    await workbench.openFile("notes.prompt.md");
    await keyboard.press("Control+End");
    const before = await workbench.visibleText();
    await workbench.runCommand("Tiller: Generate with Guidance");
    await choose(workbench, "Tone", "friendly");
    await choose(workbench, "Strength", "2");
    await workbench.screenshot("generate-controls");
    await choose(workbench, "Continue at the Cursor");
    const look = () => workbench.visibleText();
    await workbench.until("text at the cursor", look, (text) => before.length + 10 < text.length, 60_000);
    await workbench.screenshot("generate-running");
    await keyboard.press("Escape");
    const stopped = workbench.page.getByText("Tiller is writing").first();
    await stopped.waitFor({ state: "hidden" });
    assert.ok((await look()).startsWith(before.trimEnd()), "what stood there is still there");
    await keyboard.press("Control+Z");
    await workbench.until("the text as it was", look, (text) => text === before);

    // What was chosen last is there again, and Enter is enough.
    await workbench.runCommand("Tiller: Generate with Guidance");
    const first = workbench.page.locator(".quick-input-list .monaco-list-row").first();
    await first.waitFor();
    assert.match(await first.innerText(), /friendly tone, strength 2/);
    await keyboard.press("Enter");
    await workbench.until("text at the cursor again", look, (text) => before.length + 10 < text.length, 60_000);
    await keyboard.press("Escape");
    await stopped.waitFor({ state: "hidden" });
  },
};

/** Goes to rows by their names, by keyboard alone. */
async function choose({ page }: Workbench, ...names: readonly string[]): Promise<void> {
  for (const name of names) {
    const row = page.locator(".quick-input-list .monaco-list-row", { hasText: name }).first();
    await row.waitFor();
    await page.keyboard.type(name);
    await page.locator(".quick-input-list .monaco-list-row.focused", { hasText: name }).waitFor();
    await page.keyboard.press("Enter");
  }
}
