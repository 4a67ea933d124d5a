/** The page of a webview, for scripts that look into it. */

import type { Frame } from "playwright-core";

import type { Workbench } from "./workbench.js";

/** The webview's own page, two frames deep: the one that has something in the element with this id. */
export async function webviewPage(workbench: Workbench, id: string): Promise<Frame> {
  const find = async (): Promise<Frame | undefined> => {
    for (const frame of workbench.page.frames()) {
      const has = await frame.evaluate(`document.getElementById('${id}')?.childElementCount ?? 0`).catch(() => 0);
      if (typeof has === "number" && 0 < has) return frame;
    }
    return undefined;
  };
  const found = await workbench.until(`the page with ${id}`, find, (it) => it !== undefined, 30_000);
  return found!;
}
