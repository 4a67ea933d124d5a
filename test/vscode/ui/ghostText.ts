/** Ghost text as a person sees it: it appears while one pauses, is typed into, and taken with Tab. */

import assert from "node:assert/strict";

import type { UiScript } from "../harness/uiTests.js";

export const ghostText: UiScript = {
  title: "Ghost text appears in a pause, stays while one types into it, and Tab takes it",
  run: async (workbench) => {
    const { page } = workbench;
    const { keyboard } = page;
    // Who switches all AI features of VS Code off gets no completions either.
    await workbench.use({ "chat.disableAIFeatures": false });
    await workbench.openFile("hello.prompt");
    await workbench.editor().locator(".codelens-decoration a").first().waitFor(); // the extension is there
    await keyboard.press("Control+End");
    await keyboard.type(" Count: one, two, three, four,", { delay: 40 });
    const ghost = workbench.editor().locator(".ghost-text-decoration, .ghost-text").first();
    await ghost.waitFor({ timeout: 60_000 }); // the first one loads the model
    const offered = (await ghost.innerText()).replaceAll("\u00a0", " ");
    assert.match(offered, /\S/);
    await workbench.screenshot("ghost-text");

    await keyboard.type(offered.slice(0, 1));
    await workbench.until(
      "what is left of it",
      async () => ((await ghost.count()) === 0 ? "" : (await ghost.innerText()).replaceAll("\u00a0", " ")),
      (text) => text === offered.slice(1),
    );
    await keyboard.press("Tab");
    const look = () => workbench.visibleText();
    await workbench.until("the whole text", look, (text) =>
      text.includes(`three, four,${offered}`.trimEnd().slice(0, 30)),
    );

    // One word after the other, and others in the same place.
    await keyboard.type("\nThe lighthouse at the", { delay: 40 });
    const shown = async () => ((await ghost.count()) === 0 ? "" : (await ghost.innerText()).replaceAll("\u00a0", " "));
    const whole = await workbench.until("a completion of the new line", shown, (text) => text.trim() !== "");
    await keyboard.press("Control+ArrowRight"); // the space is a word of its own
    await keyboard.press("Control+ArrowRight");
    const [, word, rest] = /^(\s*\S+)(.*)$/.exec(whole)!;
    const first = await workbench.until("the rest of it", shown, (text) => text.trim() === rest!.trim());
    assert.ok((await look()).includes(`lighthouse at the${word}`));
    await keyboard.press("Alt+]");
    await workbench.until("another one", shown, (text) => text.trim() !== "" && text !== first);
    await workbench.screenshot("ghost-text-alternative");
    await keyboard.press("Escape");

    // Snoozed from the status bar's menu, and back.
    await workbench.runCommand("Tiller: Snooze Completions, or Wake Them");
    const snoozed = page.locator(".statusbar-item", { hasText: /until \d/ });
    await snoozed.waitFor();
    await workbench.screenshot("ghost-text-snoozed");
    await workbench.runCommand("Tiller: Snooze Completions, or Wake Them");
    await snoozed.waitFor({ state: "hidden" });
    await workbench.editor().click();
    await keyboard.press("Control+End");

    // Nothing is offered in a tag, and nothing right after something was taken away.
    await keyboard.type("\n{{na");
    await page.waitForTimeout(1500);
    assert.equal(await ghost.count(), 0);
  },
};
