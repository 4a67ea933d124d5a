/**
 * `npm run code`: VS Code in the browser with this extension, for people. It works on a temporary copy of examples/ and
 * ends with Ctrl+C. The server listens on the loopback interface only and asks for the token in the address.
 */

import { cp, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";

import type { VSCodeInstall } from "./install.js";
import type { Say } from "./progress.js";
import { startServer } from "./server.js";
import { temporaryFolder } from "./temporaryFolder.js";

export interface CodeOptions {
  readonly root: string;
  readonly install: VSCodeInstall;
  /** The folder that is copied and opened. */
  readonly examples: string;
  /** When it ends. */
  readonly signal: AbortSignal;
}

export async function runCode({ root, install, examples, signal }: CodeOptions, say: Say): Promise<void> {
  const temporary = await temporaryFolder("code");
  const folder = temporary.path;
  try {
    const workspace = join(folder, "examples");
    await cp(examples, workspace, { recursive: true });
    // As an installed extension: one under development would be shown without notifications.
    const extensionsDir = join(folder, "extensions");
    await mkdir(extensionsDir);
    await symlink(root, join(extensionsDir, "tiller.tiller"), "dir");
    const settings = { "files.autoSave": "afterDelay" };
    const server = await startServer({ install, folder, extensionsDir, settings, audience: "people" });
    const url = new URL(`http://127.0.0.1:${server.port}/`);
    url.searchParams.set("tkn", server.token!);
    url.searchParams.set("folder", workspace);
    say(`VS Code ${install.version} is ready. Open this address; Ctrl+C here ends it.\n\n    ${url.href}\n`);
    say('After a change: npm run build, then "Developer: Reload Window" in VS Code.');
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    await server.stop();
  } finally {
    await temporary.remove();
  }
}
