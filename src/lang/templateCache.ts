/** Templates parsed and compiled once for as long as somebody keeps the cache: an editor renders the same partials with every keystroke. */

import Handlebars from "handlebars";

import { recall } from "../base/recall.js";
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

/** More templates than a prompt and its partials. */
const KEPT = 200;

export function createTemplateCache(): TemplateCache {
  const compiled = new Map<string, object>();
  const parsed = new Map<string, ParsedBody>();
  return {
    compile: (text, program) =>
      recall(compiled, text, KEPT, () =>
        evaluate(Handlebars.precompile(program ?? text, { noEscape: true }) as string),
      ),
    parsePartial: (text) => recall(parsed, text, KEPT, () => parseBody(text, span(0, text.length))),
  };
}

/** Handlebars compiles to the source of an object; this is how its own `compile` runs it too. */
function evaluate(source: string): object {
  const run = new Function(`return ${source}`) as () => object;
  return run();
}
