/** What the engine is doing, for the status bar: put in front of a `HostApi`, it watches what goes through. */

import type { Disposable } from "../base/disposable.js";
import { hostApi, type Call } from "../client/hostCalls.js";
import type { HostState } from "../client/hostSupervisor.js";
import type { EventOf, Method, RequestOf, ResultOf } from "../protocol/host.js";

export type EngineActivity =
  | { readonly kind: "stopped" }
  | { readonly kind: "starting" }
  | { readonly kind: "ready" }
  | { readonly kind: "loading"; readonly fraction: number }
  /** `tokensPerSecond` is undefined while there is nothing to measure yet. */
  | { readonly kind: "running"; readonly tokensPerSecond?: number }
  | { readonly kind: "crashed"; readonly reason: string; readonly staysDown: boolean };

interface Running {
  loading: number | undefined;
  texts: number;
  firstTextMs: number;
  lastTextMs: number;
}

export class EngineWatch {
  readonly api = hostApi((method, request, onEvent, signal) => this.#call(method, request, onEvent, signal));

  readonly #inner: Call;
  readonly #now: () => number;
  readonly #running = new Set<Running>();
  readonly #listeners = new Set<(activity: EngineActivity) => void>();
  #host: HostState = { kind: "stopped" };

  /** `now` gives milliseconds from any beginning. */
  constructor(inner: Call, now: () => number) {
    this.#inner = inner;
    this.#now = now;
  }

  get activity(): EngineActivity {
    if (this.#host.kind === "crashed") {
      return { kind: "crashed", reason: this.#host.reason, staysDown: this.#host.retryInMs === undefined };
    }
    if (this.#host.kind !== "ready") return { kind: this.#host.kind };
    const running = [...this.#running];
    if (running.length === 0) return { kind: "ready" };
    const loading = running.find((it) => it.loading !== undefined);
    if (loading !== undefined) return { kind: "loading", fraction: loading.loading! };
    const rates = running.flatMap(rateOf);
    if (rates.length === 0) return { kind: "running" };
    return { kind: "running", tokensPerSecond: rates.reduce((sum, it) => sum + it, 0) };
  }

  onActivity(listener: (activity: EngineActivity) => void): Disposable {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  hostChanged(state: HostState): void {
    this.#host = state;
    this.#tell();
  }

  async #call<M extends Method>(
    method: M,
    request: RequestOf<M>,
    onEvent: (event: EventOf<M>) => void,
    signal: AbortSignal,
  ): Promise<ResultOf<M>> {
    const running: Running = { loading: undefined, texts: 0, firstTextMs: 0, lastTextMs: 0 };
    this.#running.add(running);
    this.#tell();
    try {
      return await this.#inner(
        method,
        request,
        (event) => {
          this.#note(running, event);
          onEvent(event);
        },
        signal,
      );
    } finally {
      this.#running.delete(running);
      this.#tell();
    }
  }

  #note(running: Running, event: EventOf<Method>): void {
    running.loading = event.type === "loading" ? event.fraction : undefined;
    if (event.type === "text") {
      running.lastTextMs = this.#now();
      if (running.texts++ === 0) running.firstTextMs = running.lastTextMs;
    }
    this.#tell();
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener(this.activity);
  }
}

/** Nearly every piece of text is one token; before a second one there is no rate. */
function rateOf({ texts, firstTextMs, lastTextMs }: Running): number[] {
  const seconds = (lastTextMs - firstTextMs) / 1000;
  return 1 < texts && 0 < seconds ? [(texts - 1) / seconds] : [];
}
