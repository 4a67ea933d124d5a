/**
 * Keeps an engine host at hand. It is started by the first call; when it crashes, the next call starts another one.
 *
 * Crashes in quick succession are answered with growing pauses. A call that comes in a pause waits for its end (and can
 * be cancelled meanwhile). After too many crashes the host stays down, and every call fails at once with the reason,
 * until `restart`. A call that was in flight when the host crashed fails: what it asked for may be what crashed it.
 */

import type { Disposable } from "../base/disposable.js";
import { TillerError } from "../base/error.js";
import type { Log } from "../base/log.js";
import type { EventOf, Method, RequestOf, ResultOf } from "../protocol/host.js";
import type { Channel } from "./channel.js";
import { EngineClient } from "./engineClient.js";
import { cancelledBeforeStart, hostApi, unlessAborted } from "./hostCalls.js";

export type HostState =
  /** No process; the next call starts one. */
  | { readonly kind: "stopped" }
  | { readonly kind: "starting" }
  | { readonly kind: "ready"; readonly pid: number }
  /** `retryInMs` is how long calls wait, counted from the crash; without it the host stays down until `restart`. */
  | { readonly kind: "crashed"; readonly reason: string; readonly retryInMs?: number };

export interface HostSupervisorOptions {
  readonly start: () => Channel;
  readonly log: Log;
  /** Pauses after the first, second, ... crash; one crash more and the host stays down. Default 0, 1, 2, 4, 8, 16, 30 s. */
  readonly pausesMs?: readonly number[];
  /** After so long without a crash, earlier ones are forgotten; default 60 s. */
  readonly healthyMs?: number;
  /** See `EngineClientOptions`. */
  readonly startTimeoutMs?: number;
  readonly cancelGraceMs?: number;
}

const defaultPausesMs: readonly number[] = [0, 1000, 2000, 4000, 8000, 16_000, 30_000];

export class HostSupervisor implements Disposable {
  readonly api = hostApi((method, request, onEvent, signal) => this.call(method, request, onEvent, signal));

  readonly #options: HostSupervisorOptions;
  readonly #listeners = new Set<(state: HostState) => void>();
  #state: HostState = { kind: "stopped" };
  #client: EngineClient | undefined;
  #crashes = 0;
  #healthTimer: NodeJS.Timeout | undefined;
  #pause: Pause | undefined;
  #disposed = false;

  constructor(options: HostSupervisorOptions) {
    this.#options = options;
  }

  get state(): HostState {
    return this.#state;
  }

  onState(listener: (state: HostState) => void): Disposable {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  async call<M extends Method>(
    method: M,
    request: RequestOf<M>,
    onEvent: (event: EventOf<M>) => void,
    signal: AbortSignal,
  ): Promise<ResultOf<M>> {
    while (this.#pause !== undefined && (await unlessAborted(this.#pause.over, signal)));
    if (signal.aborted) return cancelledBeforeStart(method, signal);
    return this.#running().call(method, request, onEvent, signal);
  }

  /** Ends the host, forgets its crashes and starts another one. Rejects with `host-exited` when that fails. */
  async restart(): Promise<void> {
    this.#pause?.end();
    this.stop("it was asked to restart");
    await this.#running().ready;
  }

  /** Ends the host and forgets its crashes. Calls in flight or waiting fail; the next one starts another host. */
  stop(reason = "it was asked to stop"): void {
    const client = this.#client;
    this.#client = undefined;
    this.#crashes = 0;
    clearTimeout(this.#healthTimer);
    this.#pause?.fail(new TillerError("host-exited", `The engine stopped: ${reason}.`));
    this.#pause = undefined;
    client?.close(reason);
    this.#setState({ kind: "stopped" });
  }

  dispose(): void {
    this.#disposed = true;
    this.stop("Tiller was closed");
    this.#listeners.clear();
  }

  #running(): EngineClient {
    if (this.#disposed) throw new TillerError("host-exited", "The engine stopped: Tiller was closed.");
    if (this.#client !== undefined) return this.#client;
    if (this.#state.kind === "crashed" && this.#state.retryInMs === undefined) throw staysDown(this.#state.reason);
    const client = new EngineClient(this.#options.start(), {
      ...this.#options,
      onReady: (pid) => this.#becameReady(pid),
      onEnd: (error) => this.#crashed(error),
    });
    this.#client = client;
    this.#setState({ kind: "starting" });
    return client;
  }

  #becameReady(pid: number): void {
    this.#healthTimer = setTimeout(() => (this.#crashes = 0), this.#options.healthyMs ?? 60_000);
    this.#healthTimer.unref(); // there is nothing to wait for: it only forgets
    this.#setState({ kind: "ready", pid });
  }

  #crashed(error: TillerError): void {
    this.#client = undefined;
    clearTimeout(this.#healthTimer);
    const retryInMs = (this.#options.pausesMs ?? defaultPausesMs)[this.#crashes++];
    this.#options.log.write("error", error.message);
    if (retryInMs === undefined) return this.#setState({ kind: "crashed", reason: error.message });
    if (0 < retryInMs) this.#pause = startPause(retryInMs, () => this.#pauseEnded());
    this.#setState({ kind: "crashed", reason: error.message, retryInMs });
  }

  #pauseEnded(): void {
    this.#pause = undefined;
    this.#setState({ kind: "stopped" });
  }

  #setState(state: HostState): void {
    if (state.kind === "stopped" && this.#state.kind === "stopped") return;
    this.#state = state;
    for (const listener of [...this.#listeners]) listener(state);
  }
}

/** Ends once: by its time, or by whichever of `end` and `fail` is first. */
interface Pause {
  readonly over: Promise<void>;
  end(): void;
  fail(error: TillerError): void;
}

function startPause(ms: number, onOver: () => void): Pause {
  let end = () => {};
  let fail: (error: TillerError) => void = () => {};
  const over = new Promise<void>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  over.catch(() => {}); // who waits is told; perhaps nobody does
  const timer = setTimeout(() => {
    onOver();
    end();
  }, ms);
  const stopTimer = () => clearTimeout(timer);
  over.then(stopTimer, stopTimer);
  return { over, end, fail };
}

function staysDown(reason: string): TillerError {
  return new TillerError(
    "host-exited",
    `${reason} It has stopped too often in a short time and stays down. Look into the engine log for the cause, then restart the engine.`,
  );
}
