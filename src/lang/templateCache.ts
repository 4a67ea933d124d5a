/** Templates parsed and compiled once for as long as somebody keeps the cache: an editor renders the same partials with every keystroke. */

import Handlebars from "handlebars";

import { span } from "../base/text.js";
import type { TemplateProgram } from "./ast.js";
import { parseBody, type ParsedBody } from "./parser.js";

export interface TemplateCache {
  /**
   * What `env.template` takes. `program` is what the parser already made of the text, if it did. Throws Handlebars' own error
   * for a template that is not well formed.
   */
  compile(text: string, program: TemplateProgram | undefined): unknown;
  /** The tree of a partial. */
  parsePartial(text: string): ParsedBody;
}

/** More templates than a prompt and its partials; the oldest is dropped. */
const KEPT = 200;

export function createTemplateCache(): TemplateCache {
  const compiled = new Map<string, unknown>();
  const parsed = new Map<string, ParsedBody>();
  return {
    compile: (text, program) =>
      remember(compiled, text, () => evaluate(Handlebars.precompile(program ?? text, { noEscape: true }) as string)),
    parsePartial: (text) => remember(parsed, text, () => parseBody(text, span(0, text.length))),
  };
}

function remember<T>(known: Map<string, T>, text: string, make: () => T): T {
  const found = known.get(text);
  if (found !== undefined) return found;
  const [oldest] = known.keys();
  if (KEPT <= known.size && oldest !== undefined) known.delete(oldest);
  const made = make();
  known.set(text, made);
  return made;
}

/** Handlebars compiles to the source of an object; this is how its own `compile` runs it too. */
function evaluate(source: string): unknown {
  const run = new Function(`return ${source}`) as () => unknown;
  return run();
}
