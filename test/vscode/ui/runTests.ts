/** Tests of a prompt are run from the lens above it, and the Testing view shows what they found. */

import type { UiScript } from "../harness/uiTests.js";

export const runTests: UiScript = {
  title: "The lens Test runs the tests of a prompt, and the Testing view says which failed and why",
  run: async (workbench) => {
    await workbench.openFile("tested.prompt");
    const { page } = workbench;
    await workbench.editor("tested.prompt").locator(".codelens-decoration a", { hasText: "Test" }).click();
    const item = (...words: readonly string[]) =>
      page.locator(`.test-explorer [role="treeitem"]${words.map((it) => `[aria-label*="${it}"]`).join("")}`);
    await item("tested.prompt", "Failed").waitFor({ timeout: 100_000 }); // the first run loads the model
    await item("tested.prompt").click();
    await page.keyboard.press("ArrowRight");
    await item("colour", "Passed").waitFor();
    await item("long", "Failed").waitFor();
    await workbench.screenshot("tests");
    await page.locator(".test-error-content-widget", { hasText: "min-words 50" }).waitFor(); // said where the test stands
  },
};
