// A channel with nobody at the other end: the test says what the host says, and sees what it was sent.

import type { Channel } from "../../src/client/channel.js";
import { PROTOCOL_VERSION, type FromHost, type ToHost } from "../../src/protocol/host.js";

export class FakeChannel implements Channel {
  readonly sent: ToHost[] = [];
  killed = false;
  references = 0;
  #tell: (message: FromHost) => void = () => {};
  #exit: (reason: string) => void = () => {};

  send(message: ToHost): void {
    this.sent.push(message);
  }
  onMessage(listener: (message: FromHost) => void): void {
    this.#tell = listener;
  }
  onExit(listener: (reason: string) => void): void {
    this.#exit = listener;
  }
  kill(): void {
    this.killed = true;
  }
  ref(): void {
    this.references = 1;
  }
  unref(): void {
    this.references = 0;
  }

  /** The host sends `messages`. */
  say(...messages: FromHost[]): void {
    for (const message of messages) this.#tell(message);
  }
  hello(version = PROTOCOL_VERSION): void {
    this.say({ type: "hello", version, pid: 42 });
  }
  exit(reason: string): void {
    this.#exit(reason);
  }
  /** What was sent so far, in short: `call 0 generate`, `cancel 0`. */
  get log(): string[] {
    return this.sent.map((it) => (it.type === "call" ? `call ${it.id} ${it.method}` : `cancel ${it.id}`));
  }
}

/** Lets everything that is already settled take its course. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}
