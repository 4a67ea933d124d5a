// A graphics driver in software, where the machine has one: slow, and computes what a device would.

import { spawn } from "node:child_process";
import { existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import { temporaryFolder } from "../temporaryFolder.js";

/** Folders with SwiftShader and a loader of Vulkan, as browsers bring them. */
const folders = ["/usr/lib/chromium", "/usr/lib/chromium-browser", "/opt/google/chrome", "/opt/chromium"];
const DRIVER = "vk_swiftshader_icd.json";
const LOADER = "libvulkan.so.1";

const folder = folders.find((it) => [DRIVER, LOADER].every((file) => existsSync(join(it, file))));

/** Why tests of devices are left out here; undefined where they can run. */
export const noDevice =
  process.platform === "linux" && process.arch === "x64" && folder !== undefined
    ? undefined
    : `there is no software driver of Vulkan (${DRIVER} and ${LOADER}) in ${folders.join(", ")}`;

/** Variables of the environment under which WebGPU finds the driver. */
export function deviceEnvironment(): Record<string, string> {
  if (folder === undefined) throw new Error(noDevice);
  const libraries = temporaryFolder("vulkan");
  symlinkSync(join(folder, LOADER), join(libraries, LOADER));
  const driver = join(folder, DRIVER);
  return { VK_DRIVER_FILES: driver, VK_ICD_FILENAMES: driver, LD_LIBRARY_PATH: libraries };
}

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs node with the driver, in a process of its own: native code may end it. */
export async function runOnDevice(
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const env = { ...process.env, ...deviceEnvironment(), ...more };
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
