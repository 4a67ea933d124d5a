/** Compare with one test of the file and a judge prompt: judged, voted on, loaded again, and compared with the run before. */

import assert from "node:assert/strict";

import { accessible, webviewPage } from "../harness/webviewPage.js";
import type { UiScript } from "../harness/uiTests.js";

const RUN_MS = 120_000;

export const judgedCompare: UiScript = {
  title: "Compare asks a judge, remembers votes over a reload, and shows what changed since the run before",
  limitMs: 300_000,
  run: async (workbench) => {
    const { page: window } = workbench;
    await workbench.openFile("judged.prompt");
    await workbench.runCommand("Tiller: Compare");
    let page = await webviewPage(workbench, "compare", "side");
    await page.locator(".variant .name", { hasText: "Pirate" }).waitFor();
    // One of its two tests.
    await page.locator(".runbar .btn", { hasText: "Run 4" }).waitFor();
    await page.locator("#input-kind").selectOption("test tea");
    await page.locator(".runbar .btn", { hasText: "Run 2" }).waitFor();

    // A judge that is made for it.
    await page.locator("#judge-prompt").selectOption("choose");
    await window.locator(".quick-input-list .monaco-list-row").first().waitFor();
    await window.keyboard.type("New judge");
    await window.locator(".quick-input-list .monaco-list-row.focused", { hasText: "New judge prompt" }).waitFor();
    await window.keyboard.press("Enter");
    await page.locator("#judge-model").waitFor();
    assert.equal(await page.locator("#judge-prompt option:checked").innerText(), "judge.prompt");
    await accessible(page, "the judges");
    await workbench.screenshot("compare-judges");

    const run = async () => {
      await page.locator("#setup, #cards").first().focus();
      await window.keyboard.press("Control+Enter");
      await page.locator(".runbar .btn", { hasText: "Stop" }).waitFor();
      await page.locator(".runbar .st", { hasText: /^2 of 2$/ }).waitFor({ timeout: RUN_MS });
    };
    await run();
    assert.deepEqual(await page.locator(".measures thead th").allInnerTexts().then((it) => it.slice(0, 3)), ["Variant", "Judge", "Tests"]); // prettier-ignore
    assert.match(await page.locator("article").first().innerText(), /judge: (?:better than|worse than|as good as) B/);
    await accessible(page, "what was judged");
    await workbench.screenshot("compare-judged");

    await page.locator("#cards").focus();
    await window.keyboard.press("1");
    await page.locator(".votebar", { hasText: "You chose A, Plain" }).waitFor();
    await page.locator("p", { hasText: "The judge agreed with people on" }).waitFor();

    // The only pair was voted on: it is not offered again, and the vote can be taken back.
    await workbench.runCommand("Tiller: Open Compare in Editor");
    page = await webviewPage(workbench, "compare", "editor");
    await window.waitForTimeout(10_000); // the workbench saves which tabs are open when it has nothing else to do
    await window.reload();
    await workbench.ready();
    page = await webviewPage(workbench, "compare", "editor");
    await page.locator("article[data-state=finished]").first().waitFor({ timeout: RUN_MS });
    await page.locator(".votebar", { hasText: "All pairs were voted on." }).waitFor();
    await page.locator("#cards").focus();
    await window.keyboard.press("u");
    await page.locator(".votebar", { hasText: "Which is better, A or B?" }).waitFor();
    // What was read from the disk can be gone on with.
    await page.getByRole("button", { name: "Judge again" }).click();
    await page.locator(".runbar .btn", { hasText: "Run again" }).waitFor({ timeout: RUN_MS });
    assert.equal(await page.locator(".measures tbody tr").count(), 2);

    await run();
    await page.getByRole("button", { name: "Compare with the one before" }).click();
    await page.locator(".changes p", { hasText: "0 of 2 outputs changed." }).waitFor();
    await accessible(page, "what changed");
    await workbench.screenshot("compare-changes");
    await window.keyboard.press("Escape");
    await page.locator("article[data-state=finished]").first().waitFor();
  },
};
