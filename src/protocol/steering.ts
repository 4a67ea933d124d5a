/** What crosses between the extension and the page of the steering panel: whole states one way, what the user did the other way. */

/** Everything that the page shows. A page that was reloaded is given it again, and has lost nothing. */
export interface SteeringState {
  /** The file's name; undefined: no prompt is open. */
  readonly title: string | undefined;
  /** The last `turn` of an action that this state knows of: what a control holds now may be newer. */
  readonly turn: number;
  /** Run again after every change. */
  readonly live: boolean;
  readonly sections: readonly SteeringSection[];
  /** Whether any control was moved. */
  readonly isSteered: boolean;
  readonly run: SteeringRun;
  /** Why nothing can be run at the moment. */
  readonly blocked: SteeringProblem | undefined;
  readonly result: SteeringResult | undefined;
}

export type SteeringSectionId = "style" | "guidance" | "vectors" | "adapters" | "sampling";

export interface SteeringSection {
  readonly id: SteeringSectionId;
  readonly name: string;
  /** Undefined while nothing is known. */
  readonly cost: SteeringCost | undefined;
  readonly controls: readonly SteeringControl[];
  /** One of its controls was moved. */
  readonly isSteered: boolean;
  /** Further ones can be added. */
  readonly canAdd: boolean;
  /** What the last run measured of it. */
  readonly checks: readonly SteeringCheck[];
  readonly note: string | undefined;
}

export interface SteeringCost {
  /** Such as `+14 tokens` or `×1.4 time`. */
  readonly text: string;
  /** Where the figure comes from. */
  readonly reason: string;
  /** It makes a run at least a quarter slower. */
  readonly isHigh: boolean;
}

export interface SteeringCheck {
  /** With its number: `friendly, 0.81`. */
  readonly text: string;
  readonly target: string;
  readonly passed: boolean;
}

interface ControlBase {
  readonly id: string;
  readonly label: string;
  /** It was moved from what the file says. */
  readonly changed: boolean;
}

export type SteeringControl =
  | (ControlBase & {
      readonly kind: "choice";
      readonly value: string;
      /** The first one is what the file says; its value is empty. */
      readonly options: readonly { readonly value: string; readonly label: string }[];
    })
  | (ControlBase & {
      readonly kind: "text";
      readonly value: string;
      readonly placeholder: string;
      /** Several lines. */
      readonly isLong: boolean;
    })
  | (ControlBase & {
      readonly kind: "slider";
      readonly value: number;
      readonly min: number;
      readonly max: number;
      readonly step: number;
      /** The value as it is shown. */
      readonly text: string;
      /** `strength`: with marks below. `poles`: from one end over nothing to the other. `scale`: in one line with its name. */
      readonly form: "strength" | "poles" | "scale";
      /** Of `poles`: the names of both ends. */
      readonly poles?: readonly [string, string];
    })
  | (ControlBase & {
      readonly kind: "number";
      readonly value: number;
      readonly min: number;
      readonly max: number;
      readonly step: number;
    })
  /** An adapter that cannot be used. */
  | (ControlBase & { readonly kind: "refused"; readonly reason: string; readonly detail: string });

export interface SteeringProblem {
  readonly message: string;
  /** The preview is where it can be put right. */
  readonly inPreview: boolean;
}

export type SteeringRun =
  | { readonly kind: "idle" }
  | { readonly kind: "loading"; readonly fraction: number }
  /** The file as it is written, which the other is compared with. */
  | { readonly kind: "asWritten" }
  | { readonly kind: "steered" }
  | { readonly kind: "stopped" }
  | { readonly kind: "failed"; readonly message: string };

export interface SteeringResult {
  readonly holes: readonly { readonly name: string; readonly parts: readonly DiffPart[] }[];
  /** The text is still being written: `holes` is what there is. */
  readonly isWriting: boolean;
  /** File, input, model or controls have changed since. */
  readonly isOld: boolean;
  readonly rows: readonly SteeringRow[];
}

/** `removed`: only as written; `added`: only steered. */
export interface DiffPart {
  readonly kind: "same" | "removed" | "added";
  readonly text: string;
}

export interface SteeringRow {
  readonly label: string;
  readonly asWritten: string;
  readonly steered: string;
  readonly isSum: boolean;
}

/** From the page. */
export type SteeringAction =
  /** The page has been loaded, or loaded again, and wants the state. */
  | { readonly type: "ready" }
  /** `value` undefined: back to what the file says. `turn` grows with each. */
  | {
      readonly type: "set";
      readonly control: string;
      readonly value: string | number | undefined;
      readonly turn: number;
    }
  | { readonly type: "reset"; readonly section: SteeringSectionId; readonly turn: number }
  | { readonly type: "add"; readonly section: SteeringSectionId }
  | { readonly type: "live"; readonly live: boolean }
  | { readonly type: "run" }
  | { readonly type: "stop" }
  | { readonly type: "openPreview" };

/** To the page. */
export interface SteeringUpdate {
  readonly type: "state";
  readonly state: SteeringState;
}
