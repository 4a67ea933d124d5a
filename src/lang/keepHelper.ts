/** `{{#keep 2}}...{{/keep}}`: what stands in it is left out when the prompt is too long, the lowest priority first. */

import type Handlebars from "handlebars";

import type { HelperContext } from "./renderHelpers.js";

export interface KeepContext extends Pick<HelperContext, "marker" | "diagnostics" | "spanOf"> {
  /** Blocks with this priority or a lower one are left out. */
  readonly dropUpTo: number | undefined;
}

export const PRIORITY_EXPECTED = "expected a number as priority, as in {{#keep 2}}";

export function registerKeep(env: typeof Handlebars, context: KeepContext): void {
  const { marker, diagnostics, spanOf, dropUpTo = -Infinity } = context;
  const section = env.helpers["blockHelperMissing"] as Handlebars.HelperDelegate;
  env.registerHelper("keep", function (this: unknown, ...args: unknown[]): unknown {
    const options = args.at(-1) as Handlebars.HelperOptions;
    // Without a priority it is a variable of this name, as in any other Dotprompt file.
    if (args.length === 1) {
      const value = (this as { readonly keep?: unknown } | undefined)?.keep;
      return typeof options.fn === "function" ? section.call(this, value, options) : value;
    }
    if (typeof options.fn !== "function") return ""; // reported from the tree: it is a block
    const [priority] = args;
    if (typeof priority !== "number" || !Number.isFinite(priority)) {
      const message = `${PRIORITY_EXPECTED}, found ${JSON.stringify(priority)}`;
      diagnostics.push({ code: "wrong-keep", severity: "error", span: spanOf(options), message });
      return options.fn(this);
    }
    if (priority <= dropUpTo) return options.inverse(this);
    return `${marker.write({ kind: "keep", priority })}${options.fn(this)}${marker.write({ kind: "keep-end" })}`;
  });
}
