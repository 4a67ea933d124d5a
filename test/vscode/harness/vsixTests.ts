/**
 * The package that users install: its files are exactly the listed ones, and it works in a VS Code that has nothing of
 * our source tree. fixtures/vsix-files.txt is the list; UPDATE=1 writes it anew, for a person to read the difference.
 */

import { readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Tally } from "./hostTests.js";
import type { VSCodeInstall } from "./install.js";
import { runCommand } from "./processes.js";
import type { Say } from "./progress.js";
import { temporaryFolder } from "./temporaryFolder.js";
import { runUiTests, type UiTestOptions } from "./uiTests.js";

export interface VsixTestOptions extends Omit<UiTestOptions, "extension" | "extensionsDir" | "name"> {
  readonly root: string;
}

export async function runVsixTests(options: VsixTestOptions, say: Say): Promise<Tally> {
  const { root, out, install } = options;
  const folder = await temporaryFolder("vsix");
  try {
    const vsix = join(folder.path, "tiller.vsix");
    const packed = await runCommand(process.execPath, ["vsix.mjs", vsix], {
      cwd: root,
      env: { ...process.env, TILLER_OUT: out },
    });
    say(packed.trimEnd().split("\n").at(-1)!);
    const extensionsDir = join(folder.path, "extensions");
    const installed = await installExtension(install, vsix, extensionsDir);
    const problems = await checkFiles(installed, join(root, "test/vscode/fixtures/vsix-files.txt"));
    const title = "the package holds exactly the files it should";
    say(problems.length === 0 ? `ok   ${title}` : `FAIL ${title}\n     ${problems.join("\n     ")}`);
    const failed = problems.length === 0 ? 0 : 1;
    const ui = await runUiTests({ ...options, extension: undefined, extensionsDir, name: "vsix" }, say);
    return { passed: ui.passed + 1 - failed, failed: ui.failed + failed };
  } finally {
    await folder.remove();
  }
}

/** Answers with the folder that VS Code has unpacked the package to. */
async function installExtension({ node, serverMain }: VSCodeInstall, vsix: string, folder: string): Promise<string> {
  const data = `${folder}-data`;
  const flags = ["--extensions-dir", folder, "--server-data-dir", data, "--accept-server-license-terms"];
  await runCommand(node, [serverMain, "--install-extension", vsix, ...flags], { cwd: tmpdir() });
  const installed = (await readdir(folder)).find((it) => it.startsWith("tiller."));
  if (installed === undefined) throw new Error("VS Code did not install the package, and did not say why");
  return join(folder, installed);
}

async function checkFiles(installed: string, listPath: string): Promise<string[]> {
  const entries = await readdir(installed, { recursive: true, withFileTypes: true });
  const found = entries
    .filter((it) => it.isFile() && it.name !== ".vsixmanifest") // VS Code's own note
    .map((it) => join(it.parentPath, it.name).slice(installed.length + 1))
    .map((it) => it.replace(`${process.platform}/${process.arch}`, "PLATFORM/ARCH"))
    .sort();
  if (process.env["UPDATE"] === "1") await writeFile(listPath, `${found.join("\n")}\n`);
  const listed = (await readFile(listPath, "utf8")).trimEnd().split("\n");
  return [
    ...found.filter((it) => !listed.includes(it)).map((it) => `it should not hold ${it}`),
    ...listed.filter((it) => !found.includes(it)).map((it) => `${it} is missing`),
  ];
}
