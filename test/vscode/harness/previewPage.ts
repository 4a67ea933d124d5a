/** The page of the preview, for scripts that look into it. */

import type { Frame } from "playwright-core";

import type { Workbench } from "./workbench.js";

/** The webview's own page, two frames deep. */
export async function pageOf(workbench: Workbench): Promise<Frame> {
  const find = async (): Promise<Frame | undefined> => {
    for (const frame of workbench.page.frames()) {
      const has = await frame.evaluate("document.getElementById('preview')?.childElementCount ?? 0").catch(() => 0);
      if (typeof has === "number" && 0 < has) return frame;
    }
    return undefined;
  };
  const found = await workbench.until("the page of the preview", find, (it) => it !== undefined, 30_000);
  return found!;
}
