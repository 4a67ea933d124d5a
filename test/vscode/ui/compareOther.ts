/** Another prompt is looked at while one is compared: nothing of the one that was left comes after it. */

import assert from "node:assert/strict";

import type { UiScript } from "../harness/uiTests.js";
import { openCompare, run, RUN_MS, states, writePrompt } from "./compareSteps.js";

export const otherPrompt: UiScript = {
  title: "A comparison that is left for another prompt ends, and is not shown as that prompt's",
  limitMs: 200_000,
  run: async (workbench) => {
    const inputs = ["How do I make tea?"];
    writePrompt(workbench, "left.prompt", { tokens: 2000, inputs, variants: ["{label: One}", "{label: Two}"] });
    writePrompt(workbench, "other.prompt", { tokens: 4, inputs, variants: ["{label: Three}", "{label: Four}"] });
    const left = await openCompare(workbench, "left.prompt", "One");
    await run(workbench, left);
    await left.locator("[data-state=writing] .model").first().waitFor({ timeout: RUN_MS });

    const other = await openCompare(workbench, "other.prompt", "Three");
    await new Promise((resolve) => setTimeout(resolve, 2000)); // what was stopped has answered by now
    assert.deepEqual(await states(other), [], "nothing was run on this prompt");
    await run(workbench, other);
    await other.locator(".runbar .st", { hasText: "2 of 2" }).waitFor({ timeout: RUN_MS });
    assert.deepEqual(await states(other), ["finished", "finished"]);
  },
};
