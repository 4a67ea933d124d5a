/** What the tests inside the extension host report to the harness outside, one JSON line each. */

export type SuiteEvent =
  | { readonly type: "begin"; readonly title: string }
  | { readonly type: "passed"; readonly title: string; readonly durationMs: number }
  /** `error`: message and stack. `title` names the hook when a hook failed. */
  | { readonly type: "failed"; readonly title: string; readonly error: string }
  | { readonly type: "end" };
