/** Much of everything, and the worst moment for it: nothing is lost, nothing freezes, nobody is told the same thing twice. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { webviewPage } from "../harness/webviewPage.js";
import type { UiScript } from "../harness/uiTests.js";
import type { Workbench } from "../harness/workbench.js";

const SHOTS = 2000;
const EDITS = Number(process.env["TILLER_SOAK_SECONDS"] ?? 15) * 10;

export const soakFiles: UiScript = {
  title: "A 1-MB prompt, 2,000 shots and partials in a circle are shown, and say what is wrong with them",
  run: async (workbench) => {
    const { page } = workbench;
    const write = (name: string, text: string) => writeFileSync(join(workbench.workspace, name), text);
    const before = (await workbench.notifications()).length;

    const line = "The harbour was quiet and {{name}} was calm, as on every evening of that long summer.\n";
    write("big.prompt", `---\ninput: {default: {name: Ada}}\n---\n${line.repeat(Math.ceil(1e6 / line.length))}`);
    await workbench.openFile("big.prompt");
    await workbench.runCommand("Tiller: Open Preview to the Side");
    let preview = await webviewPage(workbench, "preview");
    await workbench.editor("big.prompt").click();
    await page.keyboard.press("Control+End");
    await page.keyboard.type("The very end.");
    await workbench.until(
      "what was typed",
      () => workbench.visibleText("big.prompt"),
      (it) => it.includes("The very end."),
    );
    await preview.locator(".said", { hasText: "The very end." }).first().waitFor({ timeout: 60_000 });
    await workbench.closeEverything();

    const shots = Array.from({ length: SHOTS }, (_, i) =>
      JSON.stringify({ input: `case ${i}`, output: `answer ${i}` }),
    );
    write("many.jsonl", shots.join("\n") + "\n");
    write(
      "many.prompt",
      "---\ntiller.shots: {file: many.jsonl}\ntiller.shotSelect: {strategy: similar, k: 3}\ninput: {schema: {text: string}, default: {text: case 1234}}\n---\n{{shots}}\n{{text}}\n",
    );
    await workbench.openFile("many.prompt");
    await workbench.runCommand("Tiller: Open Preview to the Side");
    preview = await webviewPage(workbench, "preview");
    await preview.locator(".fold", { hasText: "1234" }).first().waitFor();
    assert.ok((await preview.locator(".fold").count()) <= 6);
    await workbench.screenshot("soak-shots");
    await workbench.closeEverything();

    write("_ring.prompt", "{{> gnir}}");
    write("_gnir.prompt", "{{> ring}}");
    write("circle.prompt", "Hello {{> ring}}");
    await workbench.openFile("circle.prompt");
    await workbench.runCommand("Tiller: Open Preview to the Side");
    preview = await webviewPage(workbench, "preview");
    await preview.locator(".problems", { hasText: /ring/ }).waitFor();
    await workbench.screenshot("soak-circle");
    write("_gnir.prompt", "out of the circle");
    await preview.locator(".said", { hasText: "out of the circle" }).waitFor();
    write("_gnir.prompt", "changed on disk, as right as before");
    await preview.locator(".said", { hasText: "changed on disk" }).waitFor();
    await workbench.closeEverything();
    assert.equal((await workbench.notifications()).length, before, "no notification was needed");
  },
  limitMs: 240_000,
};

export const soakEdits: UiScript = {
  title: "Ten edits each second, and a page that is loaded anew in the middle of a stream, lose nothing",
  run: async (workbench) => {
    const { page } = workbench;
    const before = (await workbench.notifications()).length;
    writeFileSync(
      join(workbench.workspace, "typed.prompt"),
      "---\nconfig: {maxOutputTokens: 400}\n---\nTell a long story.\n",
    );
    await workbench.openFile("typed.prompt");
    await workbench.runCommand("Tiller: Open Preview to the Side");
    let preview = await webviewPage(workbench, "preview");
    await workbench.editor("typed.prompt").click();
    await page.keyboard.press("Control+End");
    await page.evaluate(watchFrames);
    const typed = Array.from({ length: EDITS }, (_, i) => String.fromCharCode(97 + (i % 26))).join("");
    await page.keyboard.type(typed, { delay: 100 });
    const text = (await workbench.visibleText("typed.prompt")).replaceAll("\n", "");
    assert.ok(text.includes(typed.slice(-40)), `every key is there:\n${text}`);
    await preview.locator(".said", { hasText: typed }).waitFor();
    const longest = await page.evaluate<number>("longestFrame");
    assert.ok(longest < 2000, `the window stood still for ${longest} ms`);

    await preview.locator("button.btn", { hasText: "Run" }).click();
    await written(workbench, 40);
    const old = preview;
    await workbench.runCommand("Developer: Reload Webviews");
    await workbench.until(
      "the page is gone",
      () => Promise.resolve(old.isDetached()),
      (it) => it,
    );
    preview = await webviewPage(workbench, "preview");
    await preview.locator(".slot, .hole").first().waitFor();
    const after = await written(workbench, 41);
    await preview.locator("button.btn", { hasText: "Stop" }).click();
    await preview.locator(".status", { hasText: /Stopped/ }).waitFor();
    assert.ok(after.length <= (await written(workbench, 1)).length, "what was written is still there");
    assert.equal((await workbench.notifications()).length, before, "no notification was needed");
  },
  limitMs: 240_000,
};

/** What the model has written, once it is so long. */
async function written(workbench: Workbench, length: number): Promise<string> {
  const look = async () => {
    const preview = await webviewPage(workbench, "preview");
    return (await preview.locator(".msg").last().innerText()).replace(/^[^\n]*\n/, "");
  };
  return workbench.until("what the model writes", look, (it) => length <= it.length, 60_000);
}

/** Runs in the page: the longest time between two frames. */
const watchFrames = `
  globalThis.longestFrame = 0;
  let lastFrame = performance.now();
  const frame = () => {
    const now = performance.now();
    globalThis.longestFrame = Math.max(globalThis.longestFrame, now - lastFrame);
    lastFrame = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  undefined;
`;
