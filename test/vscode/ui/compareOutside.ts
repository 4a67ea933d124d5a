/** Variants of models that another extension offers: chosen by the user, asked on Run and not before, stopped, refused. */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Frame } from "playwright-core";

import type { UiScript } from "../harness/uiTests.js";
import { accessible } from "../harness/webviewPage.js";
import type { Workbench } from "../harness/workbench.js";
import { ended, openCompare, run, RUN_MS, states, writePrompt } from "./compareSteps.js";

export const outsideModels: UiScript = {
  title: "A model of another extension is a variant that the user chose, streams, stops, and says what it cannot keep",
  limitMs: 300_000,
  run: async (workbench) => {
    writePrompt(workbench, "outside.prompt", {
      ...{ tokens: 12, config: "temperature: 0.5", inputs: ["How do I make tea?"] },
      variants: ["{label: Plain}", "{label: Pirate, adapters: [pirate]}"],
      ending: "free",
    });
    const page = await openCompare(workbench, "outside.prompt", "Pirate");
    await addModel(workbench, page, "Acme echo");
    await addModel(workbench, page, "Acme broken");
    const what = page.locator(".variant", { hasText: "Acme echo" }).locator(".what");
    assert.match(await what.innerText(), /^echo · leaves this machine · form checked, not enforced · seeds not kept/);
    await accessible(page, "a model of another extension");
    await workbench.screenshot("compare-outside-setup");
    assert.deepEqual(sent(workbench), [], "nothing is sent by choosing");

    await run(workbench, page);
    assert.equal(await ended(page), "3 of 4, 1 failed");
    assert.deepEqual(await states(page), ["finished", "finished", "finished", "failed"]);
    assert.match(await page.locator("article[aria-label='Acme echo'] .text").innerText(), /^How do I make tea\?/);
    assert.match(await page.locator("article[data-state=failed]").innerText(), /broken failed: .*the quota is used up/);
    const options = { temperature: 0.5, max_tokens: 12 };
    assert.deepEqual(
      sent(workbench).filter((it) => it.model === "echo"),
      [{ model: "echo", said: "How do I make tea?", options }],
    );
    await workbench.screenshot("compare-outside");

    // It writes for ever: the limit ends it at 12 of its own tokens.
    await page.locator("#setup").click();
    await addModel(workbench, page, "Acme endless");
    await run(workbench, page);
    assert.equal(await ended(page), "4 of 5, 1 failed");
    const endless = page.locator("article[aria-label='Acme endless']");
    assert.match(await endless.innerText(), /word11 ?\s[^]*cut off at the limit/);
    await workbench.until(
      "the end of what is sent",
      () => Promise.resolve(sent(workbench)),
      (it) => it.some((one) => one.model === "endless" && one.cancelled === true),
    );
  },
};

export const outsideUnasked: UiScript = {
  title: "A model of another extension that a file names is sent nothing before the user has chosen it",
  limitMs: 200_000,
  run: async (workbench) => {
    writePrompt(workbench, "unasked.prompt", {
      ...{ tokens: 100, config: "temperature: 0", inputs: ["My secret is 42."] },
      variants: ["{label: Plain}", "{label: Named, model: 'vscode-lm:acme/unasked'}"],
      ending: "free",
    });
    const page = await openCompare(workbench, "unasked.prompt", "Named");
    await run(workbench, page);
    assert.equal(await ended(page), "1 of 2, 1 failed");
    assert.match(
      await page.locator("article[data-state=failed]").innerText(),
      /you have not chosen here, so nothing was sent/,
    );
    assert.ok(!sent(workbench).some((it) => it.said?.includes("secret") === true));

    // Once it is chosen it is asked, and Stop ends it there too.
    await page.locator("#setup").click();
    await addModel(workbench, page, "Acme unasked");
    await run(workbench, page);
    await page.locator("article[aria-label='Acme unasked'] .model").waitFor({ timeout: RUN_MS });
    await page.locator("#cards").focus();
    await workbench.page.keyboard.press("Escape");
    assert.match(await ended(page), /^Stopped after/);
    await workbench.until(
      "the end of both requests",
      () => Promise.resolve(sent(workbench).filter((it) => it.model === "unasked")),
      (it) => it.filter((one) => one.said?.includes("secret")).length === it.filter((one) => one.cancelled).length,
    );
  },
};

async function addModel(workbench: Workbench, page: Frame, name: string): Promise<void> {
  await page.getByRole("button", { name: "Model of another extension" }).click();
  const row = workbench.page.locator(".quick-input-list .monaco-list-row", { hasText: name });
  await row.waitFor();
  assert.match(await row.innerText(), /acme · leaves this machine/);
  await row.click();
  await page.locator(".variant .name", { hasText: name }).waitFor();
}

interface Sent {
  readonly model: string;
  readonly said?: string;
  readonly options?: unknown;
  readonly cancelled?: boolean;
}

/** What the other extension has heard; see fixtures/fakeModels. */
function sent(workbench: Workbench): readonly Sent[] {
  const path = join(workbench.workspace, ".fake-models.jsonl");
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return lines.map((it) => JSON.parse(it) as Sent);
}
