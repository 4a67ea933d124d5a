/** Running `tiller.tests`: what is asked, what is told on the way, what comes back. */

import type { Json } from "../base/json.js";
import type { TestVerdict } from "./compare.js";
import type { LoadEvent, ModelSpec, OnEvent } from "./engine.js";
import type { AdapterPlaces } from "./run.js";

/** Implemented in process by `runner` and across processes by `client`. */
export interface PromptTester {
  /**
   * Writes each test's input as often as it says and checks what was written. Stopping is not an error: tests that were not
   * run are left out. Throws what opening the prompt throws; what goes wrong in one run is told of that run.
   */
  test(request: TestRequest, onEvent: OnEvent<TestEvent>, signal: AbortSignal): Promise<TestReport>;
}

export interface TestRequest extends AdapterPlaces {
  /** Absolute path of the prompt. */
  readonly path: string;
  /** The text to test instead of what is on disk (an unsaved editor). */
  readonly text?: string;
  readonly model: ModelSpec;
  /** Only these, by name; default all. Throws `usage` for one that is not there. */
  readonly names?: readonly string[];
  /** In place of each test's own. */
  readonly repeat?: number;
  /** Of the first run; further ones count on. Default 0. */
  readonly seed?: number;
  /** Upper limit of tokens for each hole. */
  readonly maxTokens?: number;
}

export type TestEvent =
  | LoadEvent
  | { readonly type: "started"; readonly name: string; readonly runs: number }
  | { readonly type: "ran"; readonly name: string; readonly run: TestRun }
  | { readonly type: "ended"; readonly outcome: TestOutcome };

export interface TestReport {
  /** In the order of the file. */
  readonly tests: readonly TestOutcome[];
  /** False when it was stopped. */
  readonly complete: boolean;
}

export interface TestOutcome {
  readonly name: string;
  readonly passed: boolean;
  readonly runs: readonly TestRun[];
  /** The part of the runs that must pass, 0 to 1. */
  readonly passRate: number;
  readonly ms: number;
}

export interface TestRun {
  readonly seed: number;
  readonly passed: boolean;
  /** Undefined when it failed before it was written. */
  readonly text?: string;
  readonly value?: Json;
  readonly checks: readonly TestVerdict[];
  /** Why there is nothing to check, or what else was found. */
  readonly problem?: string;
  readonly tokens: number;
}
