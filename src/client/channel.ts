/** The little of a process that the client uses, so that a test can pass a fake. */

import type { FromHost, ToHost } from "../protocol/host.js";

export interface Channel {
  /** Never throws because the other side is gone: `onExit` tells that. Throws if the message cannot be copied. */
  send(message: ToHost): void;
  /** Messages arrive in the order in which they were sent. One listener. */
  onMessage(listener: (message: FromHost) => void): void;
  /** Called once, after the last message; `reason` continues the sentence "the engine stopped: ...". One listener. */
  onExit(listener: (reason: string) => void): void;
  /** Ends the process at once, even if it hangs. */
  kill(): void;
  /** While referenced, an open channel keeps this process alive. Channels begin unreferenced. */
  ref(): void;
  unref(): void;
}
