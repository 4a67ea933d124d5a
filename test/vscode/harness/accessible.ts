/** Whether a page can be used by everybody, as far as axe-core can tell. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Frame } from "playwright-core";

/** No serious violation of its rules; its text is run beside the page, past the page's own policy. */
export async function assertAccessible(page: Frame, what: string): Promise<void> {
  await page.evaluate(axeSource);
  const violations = await page.evaluate<
    readonly { readonly id: string; readonly impact: string; readonly nodes: unknown }[]
  >(
    `axe.run(document, { resultTypes: ["violations"] }).then((it) =>
      it.violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.slice(0, 3).map((one) => one.html) })))`,
  );
  const serious = violations.filter((it) => it.impact === "serious" || it.impact === "critical");
  assert.deepEqual(serious, [], what);
}

const axeSource = readFileSync(
  createRequire(join(process.cwd(), "package.json")).resolve("axe-core/axe.min.js"),
  "utf8",
);
