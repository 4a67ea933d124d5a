/** Ctrl+/ in the two languages of a prompt. */

import type { UiScript } from "../harness/uiTests.js";
import type { Workbench } from "../harness/workbench.js";

export const comments: UiScript = {
  title: "Ctrl+/ writes a YAML comment in the front matter and a Handlebars comment in the body",
  run: async (workbench) => {
    await workbench.openFile("hello.prompt");
    await workbench.page.keyboard.press("ArrowDown");
    await toggleUntil(workbench, /^---\n# config:/);
    await workbench.page.keyboard.press("Control+End");
    await workbench.page.keyboard.press("ArrowUp");
    await toggleUntil(workbench, /\n\{\{!-- Say hello [^]* --\}\}\n/);
  },
};

/** In the first moments VS Code has not read yet how YAML is commented out; then the key is pressed once more. */
async function toggleUntil(workbench: Workbench, pattern: RegExp): Promise<void> {
  const before = await workbench.visibleText();
  for (let tries = 0; ; tries++) {
    await workbench.page.keyboard.press("Control+/");
    await workbench.page.waitForTimeout(300);
    const text = await workbench.visibleText();
    if (pattern.test(text)) return;
    if (tries === 10) throw new Error(`expected ${String(pattern)} in:\n${text}`);
    if (text !== before) await workbench.page.keyboard.press("Control+Z");
    await workbench.page.waitForTimeout(300);
  }
}
