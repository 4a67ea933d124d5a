/** Pictures of a prompt in the preview: shown small, and what cannot be sent says why in its place. */

import assert from "node:assert/strict";

import { accessible, webviewPage } from "../harness/webviewPage.js";
import type { UiScript } from "../harness/uiTests.js";

export const pictures: UiScript = {
  title: "The preview shows the pictures of a prompt, and says which cannot be sent",
  run: async (workbench) => {
    await workbench.openFile("picture.prompt");
    await workbench.runCommand("Tiller: Open Preview to the Side");
    const page = await webviewPage(workbench, "preview");
    const picture = page.locator(".picture img");
    await picture.waitFor();
    await workbench.until(
      "the picture's own size",
      () => picture.evaluate((it) => (it as unknown as { readonly naturalWidth: number }).naturalWidth),
      (width) => width === 96,
    );
    assert.match(await page.locator(".picture.wrong").innerText(), /gone\.png was not found/);
    await workbench.screenshot("preview-picture");
    await accessible(page, "the pictures");

    // A model that reads text only says so where the picture stands, once it is there.
    await page.locator("button.btn", { hasText: "Load" }).click();
    await page.locator(".picture.wrong", { hasText: "reads text only" }).waitFor({ timeout: 60_000 });
  },
};
