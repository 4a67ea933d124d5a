/** Two windows on one workspace, each with an extension host and an engine of its own, voting at once. */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";

import type { UiScript } from "../harness/uiTests.js";
import type { Workbench } from "../harness/workbench.js";
import { ended, nextPair, openCompare, run, vote, voteLines, votesPath, writePrompt } from "./compareSteps.js";

const PAIRS = 12;

export const twoWindows: UiScript = {
  title: "Two windows that vote at once lose no vote, and each counts those of both",
  limitMs: 400_000,
  run: async (workbench) => {
    writePrompt(workbench, "windows.prompt", {
      ...{ tokens: 8, config: "temperature: 0.9", repeat: 4, inputs: ["How do I make tea?"] },
      variants: ["{label: Plain}", "{label: Pirate, adapters: [pirate]}", "{label: Terse, adapters: [terse]}"],
    });
    const before = voteLines(workbench).length;
    // A script before may have left half a line, as a full disk does.
    const linesBefore = linesOf(votesPath(workbench));
    const second = await workbench.secondWindow();
    try {
      const windows = [workbench, second];
      const pages = await Promise.all(windows.map((it) => openCompare(it, "windows.prompt", "Pirate")));
      assert.equal(workbench.processes("--type=extensionHost").length, 2);
      await Promise.all(pages.map((it, i) => run(windows[i]!, it)));
      assert.deepEqual(await Promise.all(pages.map((it) => ended(it))), ["12 of 12", "12 of 12"]);
      const shown = await Promise.all(pages.map((page, i) => voteOnAll(windows[i]!, page)));
      assert.equal(workbench.processes("dist/host.js").length, 2);

      assert.match(readFileSync(votesPath(workbench), "utf8"), /\n$/, "the last line is whole");
      const votes = voteLines(workbench);
      const cast = shown[0]! + shown[1]!;
      assert.equal(linesOf(votesPath(workbench)) - linesBefore, cast, "every line is a vote of its own");
      assert.equal(votes.length - before, cast);
      assert.equal(new Set(votes.map((it) => it.id)).size, votes.length);
      assert.ok(2 * (PAIRS - 2) <= cast, `${cast} votes were cast`);
      // The one that voted last counts those of both.
      await Promise.all(
        pages.map(async (page, i) => {
          await page.locator("#cards").focus();
          await windows[i]!.page.keyboard.press("u");
          await page.locator(".votebar .votes").waitFor();
          await vote(windows[i]!, page, "3");
        }),
      );
      await workbench.until(
        `${cast} votes in the standings of the one that voted last`,
        () => Promise.all(pages.map((it) => it.locator(".two-up").innerText())),
        (it) => it.some((text) => text.includes(`${cast} votes`)),
      );
    } finally {
      await second.close();
    }
  },
};

function linesOf(path: string): number {
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").length - 1 : 0;
}

/** How many votes were shown as counted. Outputs that are equal are no pair, so there may be fewer pairs than 12. */
async function voteOnAll(window: Workbench, page: Parameters<typeof vote>[1]): Promise<number> {
  await page.locator("#cards").focus();
  await window.page.keyboard.press("b");
  await page.locator(".votebar .votes").waitFor();
  for (let count = 1; ; count++) {
    const said = await vote(window, page, (["1", "2", "3", "4"] as const)[count % 4]!);
    if (said.includes("That was the last pair")) return count;
    await nextPair(window, page);
  }
}
