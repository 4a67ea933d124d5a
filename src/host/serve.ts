/** Serves a `HostApi` to whoever is at the other end of a port. The one guard around every request of a host is here. */

import { messageOf, stackOf, TillerError } from "../base/error.js";
import type { Log } from "../base/log.js";
import {
  PROTOCOL_VERSION,
  type EventOf,
  type FromHost,
  type HostApi,
  type Method,
  type RequestOf,
  type ResultOf,
  type ToHost,
} from "../protocol/host.js";

/** The little of a process that a host uses, so that a test can pass a fake. */
export interface Port {
  send(message: FromHost): void;
  onMessage(listener: (message: ToHost) => void): void;
}

export function serve(api: HostApi, port: Port, log: Log): void {
  const running = new Map<number, AbortController>();
  port.onMessage((message) => {
    // A cancel that finds no call crossed its answer.
    if (message.type === "cancel") running.get(message.id)?.abort();
    else void answer(message.id, message.method, message.request);
  });
  port.send({ type: "hello", version: PROTOCOL_VERSION, pid: process.pid });

  async function answer(id: number, method: Method, request: RequestOf<Method>): Promise<void> {
    const controller = new AbortController();
    running.set(id, controller);
    const onEvent = (event: EventOf<Method>) => port.send({ type: "event", id, event });
    try {
      const result = await callMethod(api, method, request, onEvent, controller.signal);
      port.send({ type: "done", id, result });
    } catch (error) {
      port.send(toAnswer(id, method, error, controller.signal));
    } finally {
      running.delete(id);
    }
  }

  function toAnswer(id: number, method: Method, error: unknown, signal: AbortSignal): FromHost {
    if (signal.aborted && error === signal.reason) return { type: "cancelled", id };
    if (error instanceof TillerError) {
      log.write("info", `${method} failed: ${error.code}: ${error.message}`);
      return { type: "failed", id, code: error.code, message: error.message };
    }
    log.write("error", `${method}: ${stackOf(error)}`);
    const message = messageOf(error);
    return {
      type: "failed",
      id,
      code: "bug",
      message: `Tiller made a mistake in "${method}": ${message}. The engine log holds the details; please report it.`,
    };
  }
}

/** Which request, event and result belong to which method is known to the compiler only while the method is. */
function callMethod(
  api: HostApi,
  method: Method,
  request: RequestOf<Method>,
  onEvent: (event: EventOf<Method>) => void,
  signal: AbortSignal,
): Promise<ResultOf<Method>> {
  const call = api[method] as (
    request: RequestOf<Method>,
    onEvent: (event: EventOf<Method>) => void,
    signal: AbortSignal,
  ) => Promise<ResultOf<Method>>;
  return call.call(api, request, onEvent, signal);
}
