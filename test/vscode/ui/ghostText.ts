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

    // Nothing is offered in a tag, and nothing right after something was taken away.
    await keyboard.type("\n{{na");
    await page.waitForTimeout(1500);
    assert.equal(await ghost.count(), 0);
  },
};
