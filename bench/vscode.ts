// What a person waits for in a real VS Code: from the key to what is seen. `node test/vscode/run.mjs bench` runs it and writes
// bench/results/vscode.md; times are taken inside of the pages, so that the remote control does not count.

import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import type { Frame, Page } from "playwright-core";

import { webviewPage } from "../test/vscode/harness/webviewPage.js";
import type { UiScript } from "../test/vscode/harness/uiTests.js";
import type { Workbench } from "../test/vscode/harness/workbench.js";
import { longPrompt } from "./lang.js";
import { median, summary, table, type Measured } from "./statistics.js";

export function vscodeBench(results: string): UiScript {
  return {
    title: "What a person waits for in VS Code",
    limitMs: 600_000,
    run: async (workbench) => {
      const rows = [...(await painting(workbench)), ...(await activation(workbench)), ...(await ghosts(workbench))];
      const head = `# vscode\n\n${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} cores shared by VS Code, its browser and the model. Times in ms, from the key to what is seen.\n`;
      mkdirSync(results, { recursive: true });
      const text = `${head}\n${table(rows)}\n`;
      writeFileSync(join(results, "vscode.md"), text);
      console.error(text);
    },
  };
}

function row(what: string, times: readonly number[], most: number, share = 0.5): Measured {
  const sorted = [...times].sort((a, b) => a - b);
  const value = share === 0.5 ? median(times) : sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
  const { best, samples } = summary(times);
  return { what, median: value, best, samples, goal: `<= ${most}`, reached: value <= most };
}

/** As the editor's own list of running extensions says. */
async function activation(workbench: Workbench): Promise<readonly Measured[]> {
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    await workbench.openFile("hello.prompt");
    await workbench.editor().locator(".codelens-decoration a").first().waitFor({ timeout: 60_000 });
    await workbench.runCommand("Developer: Show Running Extensions");
    const extension = workbench.page
      .locator(".runtime-extensions-editor .monaco-list-row", { hasText: "Tiller" })
      .first();
    await workbench.page.locator(".runtime-extensions-editor .monaco-list-row").first().hover();
    // The list is sorted by this time, and only draws what is in view.
    for (let page = 0; page < 5 && (await extension.count()) === 0; page++) {
      await workbench.page.mouse.wheel(0, 300);
      await workbench.page.waitForTimeout(300);
    }
    const text = await extension.locator(".activation-time").innerText();
    times.push(Number(/([\d.]+)\s*ms/.exec(text)?.[1] ?? NaN));
    await workbench.page.reload();
    await workbench.ready();
    await workbench.closeEverything();
  }
  return [row("activation", times, 150)];
}

const beginnings = [
  "The harbour was quiet and",
  "Our customers expect that",
  "Write a short summary of",
  "The train to the north leaves",
  "Please answer the question and",
  "In the morning the baker",
  "The report should mention the",
  "She opened the door and",
  "Rain fell on the roof of",
  "The first step is to",
  "Every evening they walked to",
  "The museum shows paintings from",
  "A good answer is short and",
  "The price of the ticket is",
  "Use simple words and avoid",
];

/** From the last key to the completion, and from a key typed into one to what is left of it. */
async function ghosts(workbench: Workbench): Promise<readonly Measured[]> {
  const { page } = workbench;
  await workbench.use({ "chat.disableAIFeatures": false });
  await workbench.openFile("hello.prompt");
  await workbench.editor().locator(".codelens-decoration a").first().waitFor({ timeout: 60_000 });
  await page.evaluate(watchGhosts);
  await page.keyboard.press("Control+End");
  const shown: number[] = [];
  const typedThrough: number[] = [];
  const behindKey: number[] = [];
  for (const [i, beginning] of [...beginnings, ...beginnings].entries()) {
    await page.keyboard.press("Enter");
    await page.keyboard.type(i < beginnings.length ? beginning : `Yesterday ${beginning}`, { delay: 70 });
    const first = await ghostAfterKey(page, "", i === 0 ? 60_000 : 4000);
    if (first !== undefined && 0 < i) shown.push(first.ms); // the first one loads the model
    await page.waitForTimeout(300);
    const whole = await page.evaluate<string>("ghostNow()");
    if (2 < whole.length) {
      await page.keyboard.type(whole[0]!);
      const rest = await ghostAfterKey(page, whole.slice(1), 2000);
      if (rest !== undefined) {
        typedThrough.push(rest.ms);
        behindKey.push(rest.behindKeyMs);
      }
    }
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+Shift+K"); // lines that end in the middle teach the model to do so too
    await page.keyboard.press("Control+End");
    await page.waitForTimeout(200);
  }
  return [
    row("ghost text, p50", shown, 300),
    row("ghost text, p95", shown, 800, 0.95),
    row("ghost text typed through, p50", typedThrough, 10),
    row("ghost text typed through, p95", typedThrough, 10, 0.95),
    row("ghost text typed through, after the key itself is drawn, p95", behindKey, 10, 0.95),
  ];
}

interface Seen {
  /** Since the last key. */
  readonly ms: number;
  /** Since what was typed is drawn, which the editor does with the next frame. */
  readonly behindKeyMs: number;
}

/** When the ghost text became `text` (any where that is empty) after the last key. */
async function ghostAfterKey(page: Page, text: string, limitMs: number): Promise<Seen | undefined> {
  const seen = await page
    .waitForFunction(`ghostSince(${JSON.stringify(text)})`, undefined, { timeout: limitMs, polling: 50 })
    .catch(() => undefined);
  return seen && ((await seen.jsonValue()) as Seen);
}

/** Runs in the page: remembers when the last key came, and when which ghost text was first there. */
const watchGhosts = `
  let keyAt = 0;
  let changes = [];
  const ghostNow = () => [...document.querySelectorAll(".ghost-text-decoration, .ghost-text")].map((it) => it.textContent).join("").replaceAll("\\u00a0", " ");
  // Characters before the completion in its line; -1 where there is none.
  const typedNow = () => {
    const line = document.querySelector(".ghost-text-decoration, .ghost-text")?.closest(".view-line");
    return line === undefined || line === null ? -1 : line.textContent.length - ghostNow().length;
  };
  let last = "";
  let typedBefore = -1;
  let drawnAt;
  addEventListener("keydown", () => { keyAt = performance.now(); changes = []; typedBefore = typedNow(); drawnAt = undefined; }, true);
  new MutationObserver(() => {
    const now = ghostNow();
    if (drawnAt === undefined && typedNow() !== typedBefore) drawnAt = performance.now();
    if (now === last) return;
    last = now;
    changes.push({ at: performance.now(), text: now });
  }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
  globalThis.ghostNow = ghostNow;
  globalThis.ghostSince = (text) => {
    const found = changes.find((it) => it.text !== "" && (text === "" || it.text.trimEnd() === text.trimEnd()));
    return found === undefined ? undefined : { ms: found.at - keyAt, behindKeyMs: Math.max(0, found.at - (drawnAt ?? found.at)) };
  };
  undefined;
`;

interface Painted {
  readonly what: string;
  readonly open: string;
  readonly page: string;
  readonly mostMs?: number;
}

/** Each keystroke in a prompt of 300 lines with 20 partials. What VS Code needs itself is told by an extension that does nothing else. */
const pages: readonly Painted[] = [
  { what: "preview painted", open: "Tiller: Open Preview to the Side", page: "preview", mostMs: 50 },
  { what: "the page of an extension that only echoes", open: "Echo: Open to the Side", page: "echo" },
];

/** From a key in the editor to the page beside it that shows it. */
async function painting(workbench: Workbench): Promise<readonly Measured[]> {
  const { page, workspace } = workbench;
  for (let i = 0; i < 20; i++)
    writeFileSync(
      join(workspace, `_part${i}.prompt`),
      "A partial that greets {{name}}.\n{{#if topic}}On {{topic}}.{{/if}}\n",
    );
  writeFileSync(join(workspace, "benchmark.prompt"), `${longPrompt()}\n{{role "user"}}\n`);
  const times = new Map<Painted, number[]>(pages.map((it) => [it, []]));
  // In turns, so that both meet the same state of the machine.
  for (let turn = 0; turn < 4; turn++) {
    for (const it of pages) {
      await workbench.openFile("benchmark.prompt");
      await workbench.editor("benchmark.prompt").click();
      await page.keyboard.press("Control+End");
      await workbench.runCommand(it.open);
      const shown = await webviewPage(workbench, it.page);
      await workbench.editor("benchmark.prompt").click();
      await page.keyboard.press("Control+End");
      await page.keyboard.type("Begun"); // the line end before it comes into view with it
      await shown.locator(".said", { hasText: "Begun" }).waitFor();
      times.get(it)!.push(...(await keysPainted(page, shown)));
      await workbench.closeEverything();
    }
  }
  return [...times].flatMap(([{ what, mostMs }, all]) =>
    mostMs === undefined
      ? [shareOf(`${what}, p50`, all, 0.5), shareOf(`${what}, p95`, all, 0.95)]
      : [row(`${what}, p50`, all, mostMs), row(`${what}, p95`, all, mostMs, 0.95)],
  );
}

/** For comparison: there is no goal. */
function shareOf(what: string, times: readonly number[], share: number): Measured {
  return { ...row(what, times, Infinity, share), goal: "", reached: true };
}

async function keysPainted(page: Page, shown: Frame): Promise<number[]> {
  await page.evaluate(
    `globalThis.keys = []; addEventListener("keydown", () => globalThis.keys.push(performance.timeOrigin + performance.now()), true); undefined`,
  );
  await shown.evaluate(watchPaint);
  const times: number[] = [];
  for (let i = 0; i < 40; i++) {
    await page.evaluate("globalThis.keys.length = 0");
    await page.keyboard.type(String.fromCharCode(97 + (i % 26)));
    const painted = await paintedAfter(shown, i + 1);
    const key = await page.evaluate<number>("globalThis.keys[0]");
    if (10 <= i) times.push(painted - key); // the first ones are the compiler's
    await page.waitForTimeout(60);
  }
  return times;
}

/** Asked again and again: the page's policy forbids what the remote control would do to wait by itself. */
async function paintedAfter(shown: Frame, typed: number): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    const at = await shown.evaluate<number | null>(`globalThis.painted[${typed}] ?? null`);
    if (at !== null) return at;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(
    `the page never showed ${typed} characters: ${JSON.stringify(await shown.evaluate("globalThis.painted"))}`,
  );
}

/** Runs in the webview: when the frame with so many characters more was drawn. */
const watchPaint = `
  const length = () => [...document.querySelectorAll(".said")].reduce((sum, it) => sum + it.textContent.length, 0);
  const before = length();
  globalThis.painted = {};
  new MutationObserver(() => {
    const more = length() - before;
    requestAnimationFrame(() => { globalThis.painted[more] ??= performance.timeOrigin + performance.now(); });
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
  undefined;
`;
