/** The port of a host that was forked: messages go to the parent process, and the host ends when the parent does. */

import type { Log } from "../base/log.js";
import type { FromHost, ToHost } from "../protocol/host.js";
import type { Port } from "./serve.js";

export function processPort(): Port {
  // Nobody is left to answer. The parent may have been killed, so this is the only sign there is.
  process.on("disconnect", () => process.exit(0));
  return {
    send: (message) => {
      // The callback takes what goes wrong when the parent is just leaving; "disconnect" follows.
      if (process.connected) process.send?.(message, undefined, undefined, () => {});
    },
    onMessage: (listener) => {
      process.on("message", (message) => listener(message as ToHost));
    },
  };
}

export function portLog(port: Port): Log {
  return { write: (level, message) => port.send({ type: "log", level, message } satisfies FromHost) };
}
