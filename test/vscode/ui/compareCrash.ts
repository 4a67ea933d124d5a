/** The worst moments of a comparison: what was counted stays counted, what was written stays there, and it goes on. */

import assert from "node:assert/strict";
import { statSync } from "node:fs";

import { runCommand } from "../harness/processes.js";
import type { UiScript } from "../harness/uiTests.js";
import { isAlive } from "../harness/processTree.js";
import { accessible, webviewPage } from "../harness/webviewPage.js";
import type { Workbench } from "../harness/workbench.js";
import {
  ended,
  engineOf,
  nextPair,
  openCompare,
  run,
  RUN_MS,
  states,
  vote,
  voteLines,
  votesPath,
  writePrompt,
} from "./compareSteps.js";

const three = ["{label: Plain}", "{label: Pirate, adapters: [pirate]}", "{label: Terse, adapters: [terse]}"];

export const engineKilled: UiScript = {
  title:
    "When the engine is killed in the middle of a comparison, what was finished stays and the rest is written anew",
  limitMs: 300_000,
  run: async (workbench) => {
    writePrompt(workbench, "killed.prompt", {
      tokens: 60,
      variants: three,
      inputs: ["How do I make tea?", "Why is the sky blue?"],
    });
    const page = await openCompare(workbench, "killed.prompt", "Pirate");
    await run(workbench, page);
    // All of the first input is there, and the second one is being written.
    await page.locator(".runbar", { hasText: "3 of 6" }).waitFor({ timeout: RUN_MS });
    const before = await page.locator("article .text").allInnerTexts();
    await workbench.page.keyboard.press("j");
    await page.locator("[data-state=writing] .model").first().waitFor({ timeout: RUN_MS });
    const engine = engineOf(workbench);
    process.kill(engine, "SIGKILL");
    await workbench.until(
      "the end of the engine",
      () => Promise.resolve(isAlive(engine)),
      (it) => !it,
    );
    await workbench.screenshot("compare-crashed");
    await page.locator(".runbar .st", { hasText: /^6 of 6$/ }).waitFor({ timeout: RUN_MS });
    assert.deepEqual(await states(page), ["finished", "finished", "finished"]);
    assert.notEqual(engineOf(workbench), engine);
    await page.locator("#cards").focus();
    await workbench.page.keyboard.press("k");
    await page.locator(".casebar", { hasText: "1 of 2" }).waitFor();
    assert.deepEqual(await states(page), ["finished", "finished", "finished"]);
    assert.deepEqual(await page.locator("article .text").allInnerTexts(), before, "what was written stays");
    // The whole of it is in the history, and can be voted on.
    await page.locator(".history [aria-current]", { hasText: "killed.prompt: Plain, Pirate, Terse" }).waitFor();
    const count = voteLines(workbench).length;
    await vote(workbench, page, "1");
    assert.equal(voteLines(workbench).length, count + 1);
    await accessible(page, "after a crash");
  },
};

const votesSurvive = "votes that were shown as counted are on disk, and voting goes on";

/** A host that runs an extension under development is not started again: the window is loaded anew. */
export const extensionHostKilled: UiScript = {
  title: `When the extension host is killed during a vote and the window is loaded anew, ${votesSurvive}`,
  limitMs: 300_000,
  run: (workbench) => killHost(workbench, () => workbench.page.reload()),
};

/** For an extension that is installed. */
export const extensionHostRestarts: UiScript = {
  title: `When the extension host is killed during a vote and VS Code starts another one, ${votesSurvive}`,
  limitMs: 300_000,
  run: (workbench) => killHost(workbench, () => Promise.resolve()),
};

async function killHost(workbench: Workbench, recover: () => Promise<unknown>): Promise<void> {
  writePrompt(workbench, "hosts.prompt", { tokens: 12, variants: three, inputs: ["How do I make tea?"], repeat: 2 });
  let page = await openCompare(workbench, "hosts.prompt", "Pirate");
  await run(workbench, page);
  assert.equal(await ended(page), "6 of 6");
  await page.locator("#cards").focus();
  await workbench.page.keyboard.press("b");
  const before = voteLines(workbench).length;
  for (const key of ["1", "2"] as const) {
    await vote(workbench, page, key);
    await nextPair(workbench, page);
  }
  // The third one is on its way, and may be counted or not.
  await workbench.page.keyboard.press("3");
  const host = workbench.processes("--type=extensionHost").at(-1)!;
  const old = [host, engineOf(workbench)];
  process.kill(host, "SIGKILL");
  await workbench.until(
    "the end of the extension host and of its engine",
    () => Promise.resolve(old.filter(isAlive)),
    (it) => it.length === 0,
  );
  const votes = () => voteLines(workbench).filter((it) => it.kind === "vote" && it.prompt === "hosts.prompt").length;
  const counted = votes();
  assert.ok(2 <= counted && counted <= 3, `${counted} votes are on disk`);

  await recover();
  await workbench.until(
    "another extension host",
    () => Promise.resolve(workbench.processes("--type=extensionHost")),
    (it) => 0 < it.length,
    60_000,
  );
  await workbench.ready();
  await workbench.runCommand("Tiller: Focus on Compare View");
  page = await webviewPage(workbench, "compare", "side");
  // The pair of a stored vote may be offered again or not; a vote is one more in any case.
  await page.locator(".votebar .votes").waitFor({ timeout: RUN_MS });
  await vote(workbench, page, "4");
  assert.equal(votes(), counted + 1);
  assert.equal(voteLines(workbench).length, before + counted + 1, "every line is whole");
  const standings = page.locator(".two-up section", { hasText: `${counted + 1} votes` });
  await standings.waitFor();
  await page.locator(".history [aria-current]", { hasText: "hosts.prompt" }).waitFor();
}

export const fullDisk: UiScript = {
  title: "A vote on a full disk is not shown as counted, says what to do, and can be cast when there is room again",
  limitMs: 300_000,
  run: async (workbench) => {
    writePrompt(workbench, "full.prompt", { tokens: 12, variants: three, inputs: ["How do I make tea?"] });
    const page = await openCompare(workbench, "full.prompt", "Pirate");
    await run(workbench, page);
    assert.equal(await ended(page), "3 of 3");
    await vote(workbench, page, "1");
    await nextPair(workbench, page);
    const before = voteLines(workbench).length;

    // No file of the engine's process may grow further than into the next vote: as on a disk that has just filled up.
    await limitFiles(engineOf(workbench), statSync(votesPath(workbench)).size + 40);
    await page.locator("#cards").focus();
    await workbench.page.keyboard.press("2");
    const notice = page.locator(".notice.error");
    await notice.waitFor();
    assert.match(await notice.innerText(), /The vote was not kept\..*votes\.jsonl.*full.*Free some space/s);
    await page.locator(".votebar .votes").waitFor();
    assert.equal(voteLines(workbench).length, before);
    await accessible(page, "a vote that was not kept");
    await workbench.screenshot("compare-full-disk");
    // A result that cannot be kept is shown all the same. It may be shorter than the votes are by now.
    await limitFiles(engineOf(workbench), 1000);
    await run(workbench, page);
    assert.equal(await ended(page), "3 of 3");
    assert.match(await notice.innerText(), /runs.*cannot be written: the largest size of a file is reached/s);

    await limitFiles(engineOf(workbench), "unlimited");
    await vote(workbench, page, "2");
    assert.equal(await notice.count(), 0);
    assert.equal(voteLines(workbench).length, before + 1);
  },
};

async function limitFiles(pid: number, bytes: number | "unlimited"): Promise<void> {
  // The soft limit alone: an ordinary user cannot raise the hard one again.
  await runCommand("prlimit", [`--pid=${pid}`, `--fsize=${bytes}:`], { cwd: "/" });
}
