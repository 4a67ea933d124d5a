/** The pages of our webviews, for scripts that look into them. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Frame } from "playwright-core";

import type { Workbench } from "./workbench.js";

/** The webview whose root element has this id and shows something, two frames deep; of several the one that is seen. */
export async function webviewPage(workbench: Workbench, root: string, place?: "side" | "editor"): Promise<Frame> {
  const find = async (): Promise<Frame | undefined> => {
    for (const frame of workbench.page.frames()) {
      const has = await frame
        .evaluate(
          ([id, wanted]) => {
            const page = (globalThis as unknown as { document: PageDocument }).document;
            if (wanted !== undefined && !page.body.className.split(" ").includes(wanted)) return 0;
            return page.getElementById(id!)?.childElementCount ?? 0;
          },
          [root, place] as const,
        )
        .catch(() => 0);
      if (0 < has) return frame;
    }
    return undefined;
  };
  const found = await workbench.until(`the page "${root}"`, find, (it) => it !== undefined, 30_000);
  return found!;
}

interface PageDocument {
  readonly body: { readonly className: string };
  getElementById(id: string): { readonly childElementCount: number } | null;
}

/** No serious violation of the rules of axe-core; its text is run beside the page, past the page's own policy. */
export async function accessible(page: Frame, what: string): Promise<void> {
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
