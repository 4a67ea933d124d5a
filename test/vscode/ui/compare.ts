/** Compare, with the embedded model and the sample adapters: run, stop, fail one variant, vote by keyboard only, reload. */

import assert from "node:assert/strict";
import type { Frame } from "playwright-core";

import { accessible, webviewPage } from "../harness/webviewPage.js";
import type { UiScript } from "../harness/uiTests.js";

const RUN_MS = 90_000;

export const compare: UiScript = {
  title: "Compare runs variants side by side, is voted on blind by keyboard only, and survives a reload",
  limitMs: 300_000,
  run: async (workbench) => {
    await workbench.openFile("compare.prompt");
    await workbench.runCommand("Tiller: Compare");
    let page = await webviewPage(workbench, "compare", "side");
    // The variants come from the file.
    await page.locator(".variant .name", { hasText: "Pirate" }).waitFor();
    assert.deepEqual(await page.locator(".variant .name").allInnerTexts(), ["Plain", "Pirate", "Terse"]);
    await page.getByRole("button", { name: "Edit variant B" }).click();
    await page.locator(".adapter", { hasText: "pirate" }).waitFor();
    await accessible(page, "the setup");
    await workbench.screenshot("compare-empty");
    await page.getByRole("button", { name: "Close the editor of variant B" }).click();

    // A run, stopped in the middle: what was written stays.
    await page.locator("#setup").focus();
    await workbench.page.keyboard.press("Control+Enter");
    await page.locator("[data-state=writing] .model").first().waitFor({ timeout: RUN_MS });
    await page.locator("#cards").focus();
    await workbench.page.keyboard.press("Escape");
    await page.locator(".runbar .st", { hasText: "Stopped after" }).waitFor({ timeout: 30_000 });

    await workbench.page.keyboard.press("Control+Enter");
    await finished(page);
    assert.deepEqual(await states(page), ["finished", "finished", "finished"]);
    assert.equal(await page.locator("article .perf").count(), 3);
    await accessible(page, "the outputs");
    await workbench.screenshot("compare-outputs");
    await page.locator("#cards").focus();
    await workbench.page.keyboard.press("d");
    await page.locator("article ins").first().waitFor();
    await workbench.screenshot("compare-diff");
    await workbench.page.keyboard.press("d");

    // Blind, without the mouse: no name is anywhere until the vote.
    await workbench.page.keyboard.press("b");
    await page.locator(".votebar", { hasText: "pairs left" }).waitFor();
    const hidden = await page.locator("section[aria-label=Outputs]").evaluate((it: unknown) => (it as { outerHTML: string }).outerHTML); // prettier-ignore
    for (const it of ["Plain", "Pirate", "Terse", "tok/s"]) assert.ok(!hidden.includes(it), it);
    await accessible(page, "a blind pair");
    await workbench.screenshot("compare-blind");
    await workbench.page.keyboard.press("2");
    await page.locator(".votebar", { hasText: /You chose [ABC]/ }).waitFor();
    await workbench.screenshot("compare-revealed");
    await workbench.page.keyboard.press("u");
    await page.locator(".votebar", { hasText: "Which output is better?" }).waitFor();
    for (const key of ["1", "Enter", "3", "Enter", "4"]) {
      await workbench.page.keyboard.press(key);
      const next = key === "Enter" ? "Which output is better?" : /You (?:chose|saw|found)/;
      await page.locator(".votebar", { hasText: next }).waitFor();
    }
    await page.locator(".stand tbody tr").first().waitFor();
    await accessible(page, "the standings");
    await workbench.page.keyboard.press("b");
    await workbench.screenshot("compare-voted");

    // The same page as an editor tab.
    await workbench.runCommand("Tiller: Open Compare in Editor");
    const wide = await webviewPage(workbench, "compare", "editor");
    await wide.locator("article").first().waitFor();
    await accessible(wide, "the editor tab");
    await workbench.screenshot("compare-editor");

    await workbench.page.waitForTimeout(10_000); // the workbench saves which tabs are open when it has nothing else to do
    await workbench.page.reload();
    await workbench.ready();
    page = await webviewPage(workbench, "compare", "editor");
    await page.locator(".stand tbody tr").first().waitFor({ timeout: RUN_MS });
    await page.locator("article[data-state=finished]").first().waitFor();

    // In the middle of a run: what was stored before is there again, and it can be run.
    await page.locator("#cards").focus();
    await workbench.page.keyboard.press("Control+Enter");
    await page.locator("[data-state=writing] .model").first().waitFor({ timeout: RUN_MS });
    await workbench.page.reload();
    await workbench.ready();
    page = await webviewPage(workbench, "compare", "editor");
    await page.locator("article[data-state=finished]").first().waitFor({ timeout: RUN_MS });
    assert.ok(await page.locator(".runbar button", { hasText: "Run again" }).isEnabled());
  },
};

export const compareFailure: UiScript = {
  title: "A variant that fails says so in its card, and leaves the others alone",
  limitMs: 200_000,
  run: async (workbench) => {
    await workbench.openFile("compare-broken.prompt");
    await workbench.runCommand("Tiller: Compare");
    const page = await webviewPage(workbench, "compare", "side");
    await page.locator(".variant .name", { hasText: "Broken" }).waitFor();
    await page.locator("#setup").focus();
    await workbench.page.keyboard.press("Control+Enter");
    await finished(page);
    assert.deepEqual(await states(page), ["finished", "failed", "finished"]);
    assert.match(await page.locator("article[data-state=failed]").innerText(), /no-such-adapter/);
    await page.locator(".votebar", { hasText: "Which is better" }).waitFor();
    await accessible(page, "a failed variant");
    await workbench.screenshot("compare-mixed");
  },
};

async function finished(page: Frame): Promise<void> {
  await page.locator(".runbar .st", { hasText: /^\d of 3/ }).waitFor({ timeout: RUN_MS });
}

function states(page: Frame): Promise<readonly (string | null)[]> {
  return Promise.all([0, 1, 2].map((i) => page.locator("article").nth(i).getAttribute("data-state")));
}
