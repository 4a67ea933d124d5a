/** The Steering panel as a person uses it: move, look at what that changes, write it into the file, take that back. */

import assert from "node:assert/strict";

import { accessible } from "../harness/webviewPage.js";
import type { UiScript } from "../harness/uiTests.js";
import { webviewPage } from "../harness/webviewPage.js";

export const steering: UiScript = {
  title:
    "The Steering panel runs what is moved, shows what that changes, writes it into the file, and survives a reload",
  limitMs: 240_000,
  run: async (workbench) => {
    const { keyboard } = workbench.page;
    await workbench.openFile("hello.prompt");
    await workbench.editor("hello.prompt").locator(".codelens-decoration a").first().waitFor(); // the extension is there
    const before = await workbench.visibleText("hello.prompt");
    await workbench.runCommand("Steering: Focus on Steering View");
    let page = await webviewPage(workbench, "steering");
    await page.locator(".empty", { hasText: "Nothing is steered" }).waitFor();
    await workbench.screenshot("steering-off");
    await accessible(page, "nothing steered");

    // By keyboard alone: a step, ten steps, back to what the file says.
    const temperature = page.locator('[data-control="temperature"]');
    await temperature.focus();
    await keyboard.press("ArrowUp");
    await page.locator('label.changed[for="c-temperature"]').waitFor();
    assert.equal(await temperature.inputValue(), "0.1");
    await keyboard.press("Shift+ArrowUp");
    await workbench.until(
      "ten steps",
      () => temperature.inputValue(),
      (it) => Number(it) === 1.1,
    );
    // Live: it has begun to run without being asked to.
    await page.locator(".change table").waitFor({ timeout: 120_000 });
    await page.getByRole("button", { name: "Reset sampling" }).click();
    await workbench.until(
      "the value of the file",
      () => temperature.inputValue(),
      (it) => it === "0",
    );
    await page.locator(".empty", { hasText: "Nothing is steered" }).waitFor();

    const strength = page.locator('[data-control="strength"]');
    await strength.focus();
    await keyboard.press("Shift+ArrowRight");
    await workbench.until(
      "ten steps of strength",
      () => strength.inputValue(),
      (it) => it === "2",
    );
    await keyboard.press("Backspace");
    await workbench.until(
      "no strength",
      () => strength.inputValue(),
      (it) => it === "1",
    );
    await keyboard.press("End");
    await workbench.until(
      "the most strength",
      () => strength.inputValue(),
      (it) => it === "3",
    );
    await keyboard.press("Backspace");

    // An adapter changes what is said; the differences and their price are shown.
    await page.getByRole("button", { name: "Add an adapter" }).click();
    await workbench.page.locator(".quick-input-list .monaco-list-row", { hasText: "pirate" }).first().click();
    const scale = page.locator('[data-control="adapter:pirate"]');
    await scale.waitFor();
    await page.locator(".diff ins").first().waitFor({ timeout: 120_000 });
    await page.locator("table", { hasText: /Cost of all/ }).waitFor();
    await scale.focus();
    await keyboard.press("ArrowRight");
    await workbench.until(
      "one step of scale",
      () => scale.inputValue(),
      (it) => it === "1.05",
    );
    await page.locator('[data-control="tone"]').selectOption("friendly");
    await page.locator('[data-control="avoid"]').fill("sorry");
    // The tone is told, in place of what the model's template says by itself, and is measured; its strength has each token read
    // twice.
    await strength.focus();
    await keyboard.press("Home"); // there already: nothing moves
    for (let i = 0; i < 5; i++) await keyboard.press("ArrowRight");
    await page.locator(".style .badge", { hasText: /[+−]\d+ tokens?/ }).waitFor({ timeout: 120_000 });
    await page.locator(".guidance .badge", { hasText: "2 readings" }).waitFor();
    assert.match(await page.locator(".guidance p").innerText(), /Changed \d+ of \d+ tokens/);
    assert.match(await page.locator(".checks").innerText(), /none of 1 found/);
    assert.match(await page.locator(".change table").innerText(), /Presets kept\s+\d of 2\s+\d of 2/);
    await workbench.screenshot("steering");
    await accessible(page, "steered");

    await workbench.runCommand("Tiller: Compare With and Without Steering");
    await workbench.tab("as written and steered").waitFor();
    await workbench.screenshot("steering-compare");
    await keyboard.press("Control+F4");

    await workbench.page.waitForTimeout(2000); // the workbench saves what extensions remember once a second
    await workbench.page.reload();
    await workbench.ready();
    page = await webviewPage(workbench, "steering");
    await page.locator('[data-control="adapter:pirate"]').waitFor();
    assert.equal(await page.locator('[data-control="adapter:pirate"]').inputValue(), "1.05");
    assert.equal(await page.locator('[data-control="avoid"]').inputValue(), "sorry");

    await workbench.editor("hello.prompt").click();
    await workbench.runCommand("Tiller: Write Steering into File");
    const look = () => workbench.visibleText("hello.prompt");
    await workbench.until(
      "the steering in the file",
      look,
      (it) =>
        /tone: friendly/.test(it) &&
        /avoid: \[sorry\]/.test(it) &&
        /name: pirate/.test(it) &&
        /scale: 1\.05/.test(it) &&
        /strength: 1\.5/.test(it),
    );
    await page.locator(".empty", { hasText: "Nothing is steered" }).waitFor();
    assert.equal(await page.locator('[data-control="adapter:pirate"]').inputValue(), "1.05", "it is the file's now");
    await workbench.editor("hello.prompt").click();
    await keyboard.press("Control+Z");
    await workbench.until("the file as it was", look, (it) => it === before);
    await workbench.runCommand("View: Hide Panel");
  },
};
