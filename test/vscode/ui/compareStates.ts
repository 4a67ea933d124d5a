/**
 * Every state of Compare in one picture each, at 300 px in the side bar and at some 900 px in the editor: both show the same
 * comparison. In all of them the page can be used by everybody, and nothing stands out of it.
 */

import assert from "node:assert/strict";
import type { Frame } from "playwright-core";

import type { UiScript } from "../harness/uiTests.js";
import { accessible, webviewPage } from "../harness/webviewPage.js";
import { ended, nextPair, openCompare, run, RUN_MS, vote, writePrompt } from "./compareSteps.js";

export const compareStates: UiScript = {
  title: "Compare can be used by everybody in each of its states, at 300 px and at 900 px",
  limitMs: 400_000,
  run: async (workbench) => {
    const { page } = workbench;
    const size = page.viewportSize()!;
    await page.setViewportSize({ width: 1272, height: 1250 });
    try {
      writePrompt(workbench, "states.prompt", {
        ...{ tokens: 60, inputs: ["How do I make tea?", "Why is the sky blue?"] },
        variants: [
          "{label: Plain}",
          "{label: Pirate, adapters: [pirate]}",
          "{label: Terse and friendly, adapters: [terse], guide: {tone: friendly}}",
          "{label: Broken, adapters: [no-such-adapter]}",
        ],
      });
      const side = await openCompare(workbench, "states.prompt", "Broken");
      await workbench.runCommand("Tiller: Open Compare in Editor");
      const wide = await webviewPage(workbench, "compare", "editor");
      await wide.locator(".variant .name", { hasText: "Broken" }).waitFor();
      const show = async (state: string) => {
        for (const it of [side, wide]) await fine(it, state);
        await workbench.screenshot(`compare-states-${state}`);
      };
      await wide.getByRole("button", { name: "Edit variant B" }).click();
      await side.locator(".adapter", { hasText: "pirate" }).waitFor();
      await show("setup");
      await wide.getByRole("button", { name: "Close the editor of variant B" }).click();

      await run(workbench, wide);
      await wide.locator("[data-state=writing] .model").first().waitFor({ timeout: RUN_MS });
      await show("running");
      assert.equal(await ended(wide), "6 of 8, 2 failed");
      await show("mixed");
      await wide.locator("#cards").focus();
      await page.keyboard.press("d");
      await wide.locator("article ins").first().waitFor();
      await show("diff");
      await page.keyboard.press("d");
      await page.keyboard.press("b");
      await wide.locator(".votebar", { hasText: "pairs left" }).waitFor();
      await show("blind");
      await vote(workbench, wide, "2");
      await show("revealed");
      await nextPair(workbench, wide);
      for (const key of ["1", "3", "4"] as const) {
        await vote(workbench, wide, key);
        await nextPair(workbench, wide);
      }
      await page.keyboard.press("b");
      await wide.locator(".stand tbody tr").first().waitFor();
      await show("voted");
    } finally {
      await page.setViewportSize(size);
    }
  },
};

async function fine(page: Frame, state: string): Promise<void> {
  await accessible(page, state);
  const wider = await page.evaluate<readonly string[]>(tooWide);
  assert.deepEqual(wider, [], `${state}: nothing stands out of the page or of a card`);
}

/** Runs in the page: what stands out to the right, of the page or of its card. */
const tooWide = `
  [...document.querySelectorAll("main *")]
    .filter((it) => {
      const most = it.closest("article")?.getBoundingClientRect().right ?? innerWidth;
      return it.getBoundingClientRect().right > most + 1 && getComputedStyle(it).position !== "absolute" && it.closest("svg, .cut, .line") === null;
    })
    .slice(0, 5)
    .map((it) => it.outerHTML.slice(0, 120))
`;
