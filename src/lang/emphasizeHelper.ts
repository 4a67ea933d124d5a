/** `{{#emphasize}}...{{/emphasize}}`: what the second reading of classifier-free guidance leaves out. */

import type Handlebars from "handlebars";

import type { Node } from "./ast.js";
import type { Reading } from "./guide/reading.js";
import type { HelperContext } from "./renderHelpers.js";
import { allCalls, calleeName, hasArguments } from "./walk.js";

export interface EmphasizeContext extends Pick<HelperContext, "marker"> {
  readonly reading: Reading;
}

export function registerEmphasize(env: typeof Handlebars, { marker, reading }: EmphasizeContext): void {
  const section = env.helpers["blockHelperMissing"] as Handlebars.HelperDelegate;
  env.registerHelper("emphasize", function (this: unknown, ...args: unknown[]): unknown {
    const options = args.at(-1) as Handlebars.HelperOptions;
    // A variable of this name is one, as in any other Dotprompt file.
    const value = (this as { readonly emphasize?: unknown } | undefined)?.emphasize;
    if (value !== undefined || typeof options.fn !== "function")
      return typeof options.fn === "function" ? section.call(this, value, options) : value;
    if (reading === "otherwise") return options.inverse(this);
    return `${marker.write({ kind: "emphasize" })}${options.fn(this)}${marker.write({ kind: "emphasize-end" })}`;
  });
}

export function hasEmphasis(nodes: readonly Node[]): boolean {
  return allCalls(nodes).some((it) => it.form === "block" && calleeName(it) === "emphasize" && !hasArguments(it));
}
