/**
 * An engine that lives in another process: one connection to one host, from its start to its end. Nobody waits for the
 * dead: when the host ends, whatever the reason, every call in flight fails and later ones are refused.
 */

import { TillerError } from "../base/error.js";
import type { Log } from "../base/log.js";
import {
  PROTOCOL_VERSION,
  type EventOf,
  type FromHost,
  type Method,
  type RequestOf,
  type ResultOf,
  type ToHost,
} from "../protocol/host.js";
import type { Channel } from "./channel.js";
import { cancelledBeforeStart, hostApi, unlessAborted } from "./hostCalls.js";

export interface EngineClientOptions {
  /** What the host writes to its log arrives here too. */
  readonly log: Log;
  /** How long the host may take to say hello; default 20 s. */
  readonly startTimeoutMs?: number;
  /** How long a call may go on after it was cancelled before its host counts as hung and is killed; default 5 s. */
  readonly cancelGraceMs?: number;
  /** The host said hello. */
  readonly onReady?: (pid: number) => void;
  /** The host is gone. Called once, before any call fails of it, and not after `close`. */
  readonly onEnd?: (error: TillerError) => void;
}

interface Pending {
  readonly method: Method;
  readonly onEvent: (event: EventOf<Method>) => void;
  readonly resolve: (result: ResultOf<Method>) => void;
  readonly reject: (error: Error) => void;
  readonly signal: AbortSignal;
}

export class EngineClient {
  readonly api = hostApi((method, request, onEvent, signal) => this.call(method, request, onEvent, signal));
  /** Settles when the host has said hello, or never will. */
  readonly ready: Promise<void>;

  readonly #channel: Channel;
  readonly #options: EngineClientOptions;
  readonly #pending = new Map<number, Pending>();
  readonly #startTimer: NodeJS.Timeout;
  #becomeReady!: () => void;
  #failToStart!: (error: TillerError) => void;
  #nextId = 0;
  #ended: TillerError | undefined;

  constructor(channel: Channel, options: EngineClientOptions) {
    this.#channel = channel;
    this.#options = options;
    this.ready = new Promise((resolve, reject) => {
      this.#becomeReady = resolve;
      this.#failToStart = reject;
    });
    this.ready.catch(() => {}); // who calls is told; with no call yet there is nobody to tell
    const startTimeoutMs = options.startTimeoutMs ?? 20_000;
    this.#startTimer = setTimeout(
      () => this.#end(`it did not answer within ${seconds(startTimeoutMs)} of its start`),
      startTimeoutMs,
    );
    channel.ref(); // until the hello
    channel.onMessage((message) => this.#receive(message));
    channel.onExit((reason) => this.#end(reason));
  }

  async call<M extends Method>(
    method: M,
    request: RequestOf<M>,
    onEvent: (event: EventOf<M>) => void,
    signal: AbortSignal,
  ): Promise<ResultOf<M>> {
    this.#refuseIfEnded();
    const heard = await unlessAborted(this.ready, signal);
    if (!heard || signal.aborted) return cancelledBeforeStart(method, signal);
    this.#refuseIfEnded();

    const id = this.#nextId++;
    let graceTimer: NodeJS.Timeout | undefined;
    const cancel = () => {
      const graceMs = this.#options.cancelGraceMs ?? 5000;
      this.#channel.send({ type: "cancel", id });
      graceTimer = setTimeout(
        () =>
          this.#end(`it went on with "${method}" for ${seconds(graceMs)} after that was cancelled, so it was ended`),
        graceMs,
      );
    };
    signal.addEventListener("abort", cancel, { once: true });
    try {
      return await new Promise<ResultOf<M>>((resolve, reject) => {
        // Which event and result belong to which method is known to the compiler only while the method is.
        this.#pending.set(id, {
          method,
          onEvent: onEvent as (event: EventOf<Method>) => void,
          resolve: resolve as (result: ResultOf<Method>) => void,
          reject,
          signal,
        });
        this.#channel.ref();
        this.#channel.send({ type: "call", id, method, request } as ToHost);
      });
    } finally {
      clearTimeout(graceTimer);
      signal.removeEventListener("abort", cancel);
      this.#pending.delete(id);
      if (this.#pending.size === 0) this.#channel.unref();
    }
  }

  /** Ends the host because we want to; calls in flight fail with `reason`. */
  close(reason: string): void {
    this.#end(reason, "asked for");
  }

  #refuseIfEnded(): void {
    if (this.#ended !== undefined) throw this.#ended;
  }

  #receive(message: FromHost): void {
    if (this.#ended !== undefined) return;
    if (message.type === "log") return this.#options.log.write(message.level, message.message);
    if (message.type === "hello") return this.#greet(message);
    const pending = this.#pending.get(message.id);
    if (pending === undefined) return; // the call was settled here, and the answer crossed our message
    switch (message.type) {
      case "event":
        return this.#tell(message.id, pending, message.event);
      case "done":
        return pending.resolve(message.result);
      case "failed":
        return pending.reject(
          message.code === "bug" ? new Error(message.message) : new TillerError(message.code, message.message),
        );
      case "cancelled":
        return pending.reject(reasonOf(pending.signal));
      default:
        message satisfies never;
    }
  }

  #greet({ version, pid }: { readonly version: number; readonly pid: number }): void {
    clearTimeout(this.#startTimer);
    if (version !== PROTOCOL_VERSION) {
      return this.#end(
        `it speaks version ${version} of the protocol and Tiller speaks ${PROTOCOL_VERSION}, so its files are from another version; reinstall Tiller`,
      );
    }
    this.#channel.unref();
    this.#becomeReady();
    this.#options.onReady?.(pid);
  }

  /** A listener that throws spoils its own call, and neither the others nor the reading of messages. */
  #tell(id: number, pending: Pending, event: EventOf<Method>): void {
    try {
      pending.onEvent(event);
    } catch (error) {
      this.#channel.send({ type: "cancel", id });
      pending.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #end(reason: string, why: "asked for" | "failed" = "failed"): void {
    if (this.#ended !== undefined) return;
    const error = new TillerError("host-exited", `The engine stopped: ${reason}.`);
    this.#ended = error;
    clearTimeout(this.#startTimer);
    this.#channel.unref();
    this.#channel.kill();
    if (why === "failed") this.#options.onEnd?.(error);
    this.#failToStart(error);
    for (const { reject } of this.#pending.values()) reject(error);
  }
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error(`cancelled: ${String(signal.reason)}`);
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
