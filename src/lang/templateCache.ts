/** Templates compiled once for as long as somebody keeps the cache: an editor renders the same partials with every keystroke. */

import Handlebars from "handlebars";

export interface TemplateCache {
  /** What `env.template` takes. Throws Handlebars' own error for a template that is not well formed. */
  compile(text: string): unknown;
}

/** More templates than a prompt and its partials; the oldest is dropped. */
const KEPT = 200;

export function createTemplateCache(): TemplateCache {
  const compiled = new Map<string, unknown>();
  return {
    compile(text) {
      const known = compiled.get(text);
      if (known !== undefined) return known;
      const [oldest] = compiled.keys();
      if (KEPT <= compiled.size && oldest !== undefined) compiled.delete(oldest);
      const specification = evaluate(Handlebars.precompile(text, { noEscape: true }) as string);
      compiled.set(text, specification);
      return specification;
    },
  };
}

/** Handlebars compiles to the source of an object; this is how its own `compile` runs it too. */
function evaluate(source: string): unknown {
  const run = new Function(`return ${source}`) as () => unknown;
  return run();
}
