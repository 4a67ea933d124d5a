/** The browser that shows the workbench: one that is on the machine, or Debian's Chromium where we may install it. */

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

import { runCommand } from "./processes.js";
import { Unavailable, type Say } from "./progress.js";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge"];
const macPaths = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** The path of a Chromium. `CHROMIUM` in the environment wins. */
export async function findBrowser(say: Say): Promise<string> {
  const named = process.env["CHROMIUM"];
  if (named !== undefined && named !== "") {
    if (!existsSync(named)) throw new Unavailable(`CHROMIUM names ${named}, and there is no such file`);
    return named;
  }
  const found = onPath() ?? macPaths.find((it) => existsSync(it));
  if (found !== undefined) return found;

  const mayInstall = process.platform === "linux" && process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
  const advice = "Install Chromium or Chrome, or set CHROMIUM to the path of one.";
  if (!mayInstall) throw new Unavailable(`no browser was found. ${advice}`);
  say("installing Debian's chromium with apt-get (once)");
  const options = { cwd: "/", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } };
  try {
    await runCommand("apt-get", ["update", "-qq"], options);
    await runCommand("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], options);
  } catch (error) {
    throw new Unavailable(`chromium could not be installed. ${advice}\n${error instanceof Error ? error.message : ""}`);
  }
  return onPath() ?? fail("apt-get installed chromium, but it is not on the PATH");
}

function onPath(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((it) => it !== "");
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find((it) => existsSync(it));
}

function fail(message: string): never {
  throw new Unavailable(message);
}
