/** The live preview: what is sent, as it is typed; a run in it; its tokens; and all of it again after a reload. */

import assert from "node:assert/strict";

import { accessible, webviewPage } from "../harness/webviewPage.js";
import type { UiScript } from "../harness/uiTests.js";

export const preview: UiScript = {
  title: "The preview shows what is sent as it is typed, runs it, shows its tokens, and survives a reload",
  run: async (workbench) => {
    await workbench.openFile("triage.prompt");
    await workbench.runCommand("Tiller: Open Preview to the Side");
    const page = await webviewPage(workbench, "preview");
    await page.locator("#input-ticket").waitFor();
    assert.match(await page.locator(".problems").innerText(), /"ticket" is missing/);
    await workbench.screenshot("preview-invalid");

    const input = page.locator("#input-ticket");
    await input.fill("The app crashes when I save.");
    await page.locator(".said", { hasText: "The app crashes when I save." }).waitFor();
    assert.equal(await page.evaluate("document.activeElement.id"), "input-ticket", "the field keeps the focus");

    await page.locator("#input-mood").fill("calm");

    // Typing in the editor is seen in the preview.
    await workbench.editor("triage.prompt").click();
    await workbench.page.keyboard.press("Control+End");
    await workbench.page.keyboard.type(" Thanks!");
    await page.locator(".said", { hasText: "Thanks!" }).waitFor();
    await workbench.page.keyboard.press("Control+Z");

    await accessible(page, "the messages");

    await page.locator("button.btn", { hasText: "Run" }).click();
    await page.locator(".status.done").waitFor({ timeout: 60_000 });
    assert.match(await page.locator(".status").innerText(), /Done: \d+ tokens?/);
    // With the model there, the budget counts what the prompt is made of, and counts again after a change.
    await page.locator(".legend", { hasText: /system \d+/ }).waitFor();
    await page.locator(".legend", { hasText: /free [\d,]+/ }).waitFor();
    await workbench.screenshot("preview-messages");

    await page.locator("#tab-tokens").click();
    await page.locator(".tok").first().waitFor();
    // By keyboard alone: into the map, to a token, its card, another word.
    await page.locator(".toks").focus();
    await workbench.page.keyboard.press("Home");
    const digit = (await page.locator(".tok").allInnerTexts()).findIndex((it) => /^[0-9]$/.test(it));
    for (let i = 0; i < digit; i++) await workbench.page.keyboard.press("ArrowRight");
    await workbench.page.keyboard.press("Enter");
    await page.locator(".card .alt").first().waitFor();
    await workbench.screenshot("preview-tokens");
    await accessible(page, "the tokens");
    const changed = page.locator(".tok").nth(digit);
    const before = await changed.innerText();
    await workbench.page.keyboard.press("ArrowDown");
    await workbench.page.keyboard.press("ArrowDown");
    const chosen = await page.locator(".alt[data-active] code").innerText();
    await workbench.page.keyboard.press("Enter");
    await workbench.until(
      "the token to be another",
      () => changed.innerText(),
      (text) => text === chosen,
      60_000,
    );
    assert.notEqual(chosen, before);

    await page.locator(".status.done").waitFor({ timeout: 60_000 });
    await page.locator("#tab-output").click();
    await page.locator("pre.json").waitFor();
    await workbench.screenshot("preview-output");

    await workbench.page.waitForTimeout(2000); // the workbench saves what extensions remember once a second
    await workbench.page.reload();
    await workbench.ready();
    const again = await webviewPage(workbench, "preview");
    await again.locator("#tab-output[aria-selected=true]").waitFor();
    await again.locator("#tab-messages").click();
    assert.equal(await again.locator("#input-ticket").inputValue(), "The app crashes when I save.");
  },
};
