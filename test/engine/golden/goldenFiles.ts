// The folder of golden numbers.

import { readFileSync } from "node:fs";
import { join } from "node:path";

export const projectRoot = join(import.meta.dirname, "../../../..");
export const goldenFolder = process.env["TILLER_GOLDEN"] ?? join(projectRoot, "test/golden");

export function readGolden<T>(name: string): T {
  return JSON.parse(readFileSync(join(goldenFolder, name), "utf8")) as T;
}
