/** What scripts do again and again in Compare: write a prompt with variants, open it there, run it, vote. */

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Frame } from "playwright-core";

import type { VoteLine } from "../../../src/protocol/compare.js";
import { webviewPage } from "../harness/webviewPage.js";
import type { Workbench } from "../harness/workbench.js";

export const RUN_MS = 120_000;

/** The tokens that end a text of the embedded model are forbidden: it writes until its limit. */
const endless = 'logitBias: {"0": -1000, "2": -1000}';

export interface ComparedPrompt {
  readonly tokens: number;
  /** More `config`, in YAML's flow style. */
  readonly config?: string;
  readonly variants: readonly string[];
  readonly inputs: readonly string[];
  readonly repeat?: number;
  /** `free`: texts may end before their limit; default: they are as long as it is. */
  readonly ending?: "free";
}

/** A prompt whose tests are the inputs, and which is compared by variants that are written in YAML. */
export function writePrompt(
  workbench: Workbench,
  name: string,
  { tokens, config = "temperature: 0", variants, inputs, repeat = 1, ending }: ComparedPrompt,
): void {
  const lines = [
    "---",
    `config: {${config}, maxOutputTokens: ${tokens}${ending === "free" ? "" : `, ${endless}`}}`,
    "input: {schema: {question: string}}",
    "tiller.compare:",
    `  repeat: ${repeat}`,
    "  variants:",
    ...variants.map((it) => `    - ${it}`),
    "tiller.tests:",
    ...inputs.map(
      (it, i) => `  - {name: case ${i + 1}, input: {question: "${it}"}, assert: [{type: min-words, value: 1}]}`,
    ),
    "---",
    "{{question}}",
    "",
  ];
  writeFileSync(join(workbench.workspace, name), lines.join("\n"));
}

/** Opens the prompt and, in the side bar, its comparison, once it knows the variants of the file. */
export async function openCompare(workbench: Workbench, name: string, label: string): Promise<Frame> {
  await workbench.openFile(name);
  await workbench.runCommand("Tiller: Compare");
  const page = await webviewPage(workbench, "compare", "side");
  await page.locator(".variant .name", { hasText: label }).waitFor({ timeout: 60_000 });
  return page;
}

/** Presses Run, by keyboard, and waits until it runs. */
export async function run(workbench: Workbench, page: Frame): Promise<void> {
  const stop = page.getByRole("button", { name: /^Stop/ });
  // The workbench gives a view the focus a while after it was opened, and takes it from where it was.
  for (let attempt = 1; ; attempt++) {
    await page.locator("#setup").focus();
    await workbench.page.keyboard.press("Control+Enter");
    try {
      return await stop.waitFor({ timeout: attempt < 3 ? 4000 : 20_000 });
    } catch (error) {
      if (3 <= attempt) throw error;
    }
  }
}

/** Waits for the end of a run, and says how it ended: "6 of 6". */
export async function ended(page: Frame): Promise<string> {
  const status = page.locator(".runbar .st", { hasText: /^(?:Stopped after )?\d+ of \d+|^Nothing was run/ });
  await status.waitFor({ timeout: RUN_MS });
  return (await status.innerText()).trim();
}

export async function states(page: Frame): Promise<readonly (string | null)[]> {
  const cards = page.locator("article");
  return Promise.all(Array.from({ length: await cards.count() }, (_, i) => cards.nth(i).getAttribute("data-state")));
}

/** Votes on the pair that is open, and gives what is said of it when it is counted. */
export async function vote(workbench: Workbench, page: Frame, key: "1" | "2" | "3" | "4"): Promise<string> {
  await page.locator("#cards").focus();
  await workbench.page.keyboard.press(key);
  const said = page.locator(".votebar", { hasText: /You (?:chose|saw|found)/ });
  await said.waitFor({ timeout: 60_000 });
  return said.innerText();
}

export async function nextPair(workbench: Workbench, page: Frame): Promise<void> {
  await workbench.page.keyboard.press("Enter");
  await page.locator(".votebar .votes").waitFor();
}

/** Whole lines of the workspace's file of votes. */
export function voteLines(workbench: Workbench): readonly VoteLine[] {
  const path = votesPath(workbench);
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.flatMap((line): VoteLine[] => {
    try {
      return [JSON.parse(line) as VoteLine];
    } catch {
      return []; // half a line, or the end of the file
    }
  });
}

export function votesPath(workbench: Workbench): string {
  return join(workbench.workspace, ".tiller/votes.jsonl");
}

/** The engine's process of a window that has one; of several windows the one that was started last. */
export function engineOf(workbench: Workbench): number {
  const engine = workbench.processes("dist/host.js").at(-1);
  assert.ok(engine !== undefined, "an engine runs");
  return engine;
}
