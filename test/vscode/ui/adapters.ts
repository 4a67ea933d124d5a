/** The Adapters view as a person uses it: find, take into a prompt by button and by mouse, weaken, run, take out. */

import assert from "node:assert/strict";

import type { UiScript } from "../harness/uiTests.js";

export const adapters: UiScript = {
  title: "An adapter is taken from the view into a prompt, gets another scale, steers the run, and goes again",
  run: async (workbench) => {
    const { page } = workbench;
    await workbench.openFile("hello.prompt");
    await workbench.editor("hello.prompt").locator(".codelens-decoration a").first().waitFor(); // the extension is there
    const before = await workbench.visibleText("hello.prompt");
    await page.locator('.activitybar a[aria-label^="Tiller"]').click();
    const row = (name: string) => page.locator(".tree-explorer-viewlet-tree-view .monaco-list-row", { hasText: name });
    const pirate = row("pirate").first();
    await pirate.waitFor({ timeout: 60_000 }); // the first look starts the engine
    assert.match((await pirate.getAttribute("aria-label"))!, /^pirate, LoRA of rank 8 · 1\.9 MB, not loaded/);

    await pirate.hover();
    await pirate.getByRole("button", { name: "Use Adapter in Prompt" }).click();
    const look = () => workbench.visibleText("hello.prompt");
    await workbench.until("the adapter in the prompt", look, (it) => /tiller\.adapters:\s*- pirate/.test(it));
    await row("scale 1 ·").waitFor();

    await pirate.hover();
    await pirate.getByRole("button", { name: "Less of It" }).click();
    await workbench.until("its scale in the prompt", look, (it) => /name: pirate, *scale: 0\.9|scale: 0\.9/.test(it));
    await row("scale 0.9").waitFor();
    await workbench.screenshot("adapters-view");

    await workbench.runCommand("Tiller: Set Scale of Adapter");
    await page.locator(".quick-input-list .monaco-list-row").first().waitFor();
    await workbench.screenshot("adapters-scale");
    await page.keyboard.type("1");
    await page.keyboard.press("Enter");
    await row("scale 1 ·").waitFor();

    await workbench.runCommand("Tiller: Run Prompt");
    const output = () => workbench.visibleText("hello output.md");
    await workbench.until("an answer in pirate speech", output, (it) => /\by?arr\b|matey|ahoy/i.test(it), 60_000);
    const spoken = async () => (await pirate.getAttribute("aria-label")) ?? "";
    await workbench.until("that it is in memory", spoken, (it) => it.includes("in memory, used by the open prompt"));
    await workbench.screenshot("adapters-run");

    // Dropped with Shift, as everything that is to go into a text and not into a new tab.
    await row("terse").first().hover();
    await page.mouse.down();
    const target = (await workbench.editor("hello.prompt").boundingBox())!;
    await page.keyboard.down("Shift");
    await page.mouse.move(target.x + 200, target.y + 100, { steps: 8 });
    await page.mouse.move(target.x + 210, target.y + 110, { steps: 4 });
    await page.mouse.up();
    await page.keyboard.up("Shift");
    await workbench.until("the dropped adapter in the prompt", look, (it) => /- terse/.test(it));
    await row("terse").first().hover();
    await row("terse").first().getByRole("button", { name: "Remove Adapter from Prompt" }).click();
    await workbench.until("the prompt without it", look, (it) => !it.includes("terse"));

    await pirate.hover();
    await pirate.getByRole("button", { name: "Remove Adapter from Prompt" }).click();
    await workbench.until("the prompt as it was", look, (it) => folded(it) === folded(before));
  },
};

/** Long lines are broken where the editor is narrow. */
function folded(text: string): string {
  return text.replace(/\s+/g, " ");
}
