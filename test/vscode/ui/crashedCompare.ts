/** Compare while the engine is killed in the middle: what was finished stays, and the rest is written nevertheless. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { webviewPage } from "../harness/webviewPage.js";
import type { UiScript } from "../harness/uiTests.js";

const RUN_MS = 120_000;

export const crashedCompare: UiScript = {
  title: "A comparison goes on when the engine's process is killed in the middle of it",
  limitMs: 200_000,
  run: async (workbench) => {
    await workbench.openFile("compare.prompt");
    await workbench.runCommand("Tiller: Compare");
    const page = await webviewPage(workbench, "compare", "side");
    await page.locator(".variant .name", { hasText: "Pirate" }).or(page.locator("article").first()).first().waitFor();
    await page.locator("#setup").focus();
    await workbench.page.keyboard.press("Control+Enter");
    await page.locator("[data-state=writing] .model").first().waitFor({ timeout: RUN_MS });
    const killed = engines();
    assert.equal(killed.length, 1, "one engine runs for this window");
    process.kill(killed[0]!, "SIGKILL");
    await page.locator(".runbar .st", { hasText: /^3 of 3$/ }).waitFor({ timeout: RUN_MS });
    assert.equal(await page.locator("article[data-state=finished]").count(), 3);
    assert.ok(!engines().includes(killed[0]!));
  },
};

/** Ids of the engine's processes that this run of the tests started. */
function engines(): readonly number[] {
  const host = join(process.cwd(), "dist/host.js");
  return readdirSync("/proc")
    .filter((it) => /^\d+$/.test(it))
    .filter((it) => {
      try {
        return readFileSync(`/proc/${it}/cmdline`, "utf8").includes(host);
      } catch {
        return false; // it ended meanwhile
      }
    })
    .map(Number);
}
