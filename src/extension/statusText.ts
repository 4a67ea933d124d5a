/** The words of the status bar. */

import type { EngineActivity } from "./engineActivity.js";

export interface StatusText {
  readonly text: string;
  readonly tooltip: string;
  readonly failed: boolean;
}

/** `model` is the model's short name. */
export function statusText(activity: EngineActivity, model: string): StatusText {
  switch (activity.kind) {
    case "stopped":
      return good(`$(circle-outline) ${model}`, "Tiller's engine is not running. It starts with the first request.");
    case "starting":
      return good(`$(loading~spin) ${model}`, "Tiller's engine is starting.");
    case "ready":
      return good(`$(circle-filled) ${model}`, "Tiller's engine is ready.");
    case "loading": {
      const percent = Math.round(activity.fraction * 100);
      return good(`$(loading~spin) ${model} ${percent} %`, `Tiller is loading ${model}.`);
    }
    case "running": {
      const rate = activity.tokensPerSecond;
      const figure = rate === undefined ? "" : ` ${rate < 10 ? rate.toFixed(1) : Math.round(rate)} tokens/s`;
      return good(`$(pulse) ${model}${figure}`, `${model} is at work.`);
    }
    case "crashed": {
      const next = activity.staysDown ? "Click to restart it." : "The next request starts it again.";
      return { text: "$(error) Tiller engine stopped", tooltip: `${activity.reason} ${next}`, failed: true };
    }
    default:
      return activity satisfies never;
  }
}

function good(text: string, tooltip: string): StatusText {
  return { text, tooltip, failed: false };
}
