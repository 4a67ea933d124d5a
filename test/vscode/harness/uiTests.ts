/** UI scripts: one VS Code, one page, one script after the other. A script that fails does not stop the next. */

import { join } from "node:path";

import type { Tally } from "./hostTests.js";
import { within, type Say } from "./progress.js";
import { startSession, type SessionOptions } from "./session.js";
import type { ThemeName } from "./themes.js";
import { Workbench } from "./workbench.js";

export interface UiScript {
  readonly title: string;
  /** Throws when something is not as it should be. */
  readonly run: (workbench: Workbench) => Promise<void>;
  /** It is ended after so many milliseconds; default two minutes. */
  readonly limitMs?: number;
}

export interface UiTestOptions extends SessionOptions {
  readonly out: string;
  readonly themes: readonly ThemeName[];
  readonly scripts: readonly UiScript[];
  /** The extension under test, or undefined where it is installed already. */
  readonly extension: string | undefined;
  /** Names the evidence of a failure. */
  readonly name: string;
}

const LIMIT_MS = 120_000;
/** For what a page is waited for, where a script says nothing else. */
const DEFAULT_MS = 20_000;

export async function runUiTests(options: UiTestOptions, say: Say): Promise<Tally> {
  const { out, scripts, themes, extension, name } = options;
  const session = await startSession(options);
  let passed = 0;
  try {
    const payload = extension === undefined ? {} : { extensionDevelopmentPath: extension };
    const page = await session.open(payload);
    page.setDefaultTimeout(DEFAULT_MS);
    const screenshotFolder = join(out, "screenshots");
    const { server, workspace } = session;
    const openWindow = async () => {
      const other = await session.openApart(payload);
      other.setDefaultTimeout(DEFAULT_MS);
      return other;
    };
    const workbench = new Workbench({ page, server, workspace, screenshotFolder, themes, openWindow });
    await workbench.ready();
    for (const [index, { title, run, limitMs = LIMIT_MS }] of scripts.entries()) {
      const begin = performance.now();
      try {
        await within(limitMs, `"${title}"`, run(workbench));
        passed++;
        say(`ok   ${title} (${Math.round(performance.now() - begin)} ms)`);
      } catch (error) {
        say(`FAIL ${title}\n     ${String(error instanceof Error ? error.stack : error).replaceAll("\n", "\n     ")}`);
        say(await session.keepEvidence(join(out, `vscode/failed-${name}-${index + 1}`)));
        await page.reload();
        await workbench.ready();
      }
      await workbench.closeEverything();
    }
  } catch (error) {
    say(`FAIL ${error instanceof Error ? error.stack : String(error)}`);
    say(await session.keepEvidence(join(out, `vscode/failed-${name}`)));
  } finally {
    await session.stop();
  }
  // A script that never had its turn did not pass.
  return { passed, failed: scripts.length - passed };
}
