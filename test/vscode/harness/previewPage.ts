/** The page of the preview, for scripts that look into it. */

import type { Frame } from "playwright-core";

import { webviewPage } from "./webviewPage.js";
import type { Workbench } from "./workbench.js";

export function pageOf(workbench: Workbench): Promise<Frame> {
  return webviewPage(workbench, "preview");
}
