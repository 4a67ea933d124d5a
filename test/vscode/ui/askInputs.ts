/** A prompt that requires input asks for it before it runs, takes only what fits, and remembers the answers. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import type { UiScript } from "../harness/uiTests.js";

const prompt = `---
input:
  schema:
    age: integer, how old
    tone(enum): [dry, warm]
    place?: string
---
{{#ifEquals tone "warm"}}{{#ifEquals age 30}}{{select "answer" "warm and thirty"}}{{/ifEquals}}{{/ifEquals}}
`;

export const askInputs: UiScript = {
  title: "a prompt that requires input asks for it, and takes only what fits",
  run: async (workbench) => {
    const { page } = workbench;
    const box = page.locator(".quick-input-widget");
    const input = box.locator("input");
    writeFileSync(join(workbench.workspace, "ask.prompt"), prompt);
    await workbench.openFile("ask.prompt");

    await page.keyboard.press("Control+Enter");
    await box.getByText("age: how old").waitFor();
    await input.fill("old");
    await box.getByText("Type a whole number, such as 3.").waitFor();
    await page.keyboard.press("Enter");
    await workbench.screenshot("ask-inputs");
    await input.fill("30");
    await page.keyboard.press("Enter");
    await box.locator(".monaco-list-row", { hasText: "warm" }).click();
    const look = () => workbench.visibleText("ask output.md");
    const output = await workbench.until("the output", look, (text) => /wrote|failed/.test(text), 60_000);
    assert.match(output, /warm and thirty/);
    await workbench.screenshot("ask-inputs-output");

    // Asked again, the earlier answer is there; Escape means not to run.
    await workbench.tab("ask.prompt").first().click();
    await page.keyboard.press("Control+Enter");
    await box.getByText("age: how old").waitFor();
    assert.equal(await input.inputValue(), "30");
    await page.keyboard.press("Escape");
    await box.waitFor({ state: "hidden" });
    assert.equal(await look(), output);
  },
};
