/**
 * The messages between an editor and the engine host, told apart by a literal `type`. A new ability is one new method of
 * `HostApi`: the messages follow from its type.
 */

import type { ErrorCode } from "../base/error.js";
import type { Comparer } from "./compare.js";
import type { Engine } from "./engine.js";
import type { ModelPuller } from "./pull.js";
import type { PromptRunner } from "./run.js";
import type { PromptTester } from "./test.js";

export interface HostApi extends Engine, PromptRunner, PromptTester, ModelPuller, Comparer {}

export type Method = keyof HostApi;
export type RequestOf<M extends Method> = Parameters<HostApi[M]>[0];
export type EventOf<M extends Method> = Parameters<Parameters<HostApi[M]>[1]>[0];
export type ResultOf<M extends Method> = Awaited<ReturnType<HostApi[M]>>;

/** Raised with every change of the messages. The host's first message states it. */
export const PROTOCOL_VERSION = 1;

export type ToHost =
  | {
      [M in Method]: {
        readonly type: "call";
        readonly id: number;
        readonly method: M;
        readonly request: RequestOf<M>;
      };
    }[Method]
  | { readonly type: "cancel"; readonly id: number };

export type FromHost =
  | { readonly type: "hello"; readonly version: number; readonly pid: number }
  | { readonly type: "event"; readonly id: number; readonly event: EventOf<Method> }
  | { readonly type: "done"; readonly id: number; readonly result: ResultOf<Method> }
  | { readonly type: "failed"; readonly id: number; readonly code: ErrorCode | "bug"; readonly message: string }
  /** The call was cancelled and has no result (all but `generate` and `run`). */
  | { readonly type: "cancelled"; readonly id: number }
  | { readonly type: "log"; readonly level: "debug" | "info" | "warn" | "error"; readonly message: string };
