/** `{{shots}}` and `{{#shots}}...{{/shots}}`, as Handlebars calls them. */

import Handlebars from "handlebars";

import { inert } from "../inert.js";
import type { Marker } from "../markers.js";
import type { RenderedShot } from "../rendered.js";
import type { SelectedShot, ShotSelection } from "./selectShots.js";
import { inputText, outputText, type Shot } from "./shot.js";

export interface ShotsContext {
  readonly marker: Marker;
  readonly shots: ShotSelection;
  /** Called with each shot; throws when there were too many. */
  readonly step: () => void;
}

export function registerShots(env: typeof Handlebars, { marker, shots: { shots, of }, step }: ShotsContext): void {
  env.registerHelper("shots", function (this: unknown, ...args: unknown[]): string {
    const options = args.at(-1) as Handlebars.HelperOptions;
    if (typeof options.fn !== "function") return marker.write({ kind: "shots" });
    if (shots.length === 0) return options.inverse(this);
    return shots.map(block).join("");

    function block(selected: SelectedShot, index: number): string {
      step();
      const frame = { index, first: index === 0, last: index === shots.length - 1 };
      const data = Object.assign(Handlebars.createFrame(options.data ?? {}) as object, frame);
      const body = options.fn(scopeOf(selected.shot), { data });
      return `${marker.write({ kind: "shot", shot: toRendered(selected, of) })}${body}${marker.write({ kind: "shot", shot: undefined })}`;
    }
  });
}

export function toRendered({ shot, reason }: SelectedShot, of: number): RenderedShot {
  return { index: shot.index, of, reason };
}

/** Written out whole, `input` and `output` are what they are in a turn. */
function scopeOf({ input, output }: Shot): object {
  const scope = {
    input: writtenAs(inert(input), inputText(input)),
    output: writtenAs(inert(output), outputText(output)),
  };
  return Object.assign(Object.create(null) as object, scope);
}

function writtenAs(value: unknown, text: string): unknown {
  if (typeof value !== "object" || value === null) return value;
  return Object.defineProperty(value, "toString", { value: () => text, enumerable: false, writable: true });
}
