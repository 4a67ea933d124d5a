/** Opens the engine in this process for one command. The native code is loaded here and nowhere else in the command line. */

import type { Log } from "../base/log.js";
import type { Engine } from "../protocol/engine.js";
import type { Progress } from "./progress.js";

/** What the engine warns of is shown; the rest of its log is for developers. */
export async function withEngine<T>(progress: Progress, use: (engine: Engine) => Promise<T>): Promise<T> {
  const { createLocalEngine } = await import("../engine/localEngine.js");
  const log: Log = {
    write(level, message) {
      if (level === "warn" || level === "error") progress.note(`${level === "warn" ? "warning" : "error"}: ${message}`);
    },
  };
  const engine = createLocalEngine({ log });
  try {
    return await use(engine);
  } finally {
    progress.clear();
    await engine.dispose();
  }
}
