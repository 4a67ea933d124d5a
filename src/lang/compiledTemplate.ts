/** What Handlebars runs, made of the pieces of a template. */

import Handlebars from "handlebars";

import type { TemplatePiece, TemplateProgram } from "./ast.js";

/** Compiled once for as long as the tree is there. */
const compiled = new WeakMap<TemplateProgram, TemplateSpecification>();

/**
 * `begin` is told of each piece before it is compiled and before it is run. Throws Handlebars' own error for what its compiler
 * refuses. What is returned is called as Handlebars calls templates, and partials of templates.
 */
export function templateOf(
  env: typeof Handlebars,
  pieces: readonly TemplatePiece[],
  begin: (piece: TemplatePiece) => void = () => {},
): (context: unknown, options?: Handlebars.RuntimeOptions) => string {
  const parts = pieces.map((piece) => {
    begin(piece);
    return { piece, run: env.template(compiledOf(piece.program)) };
  });
  return (context, options) => {
    let text = "";
    for (const { piece, run } of parts) {
      begin(piece);
      text += run(context, options);
    }
    return text;
  };
}

function compiledOf(program: TemplateProgram): TemplateSpecification {
  const known = compiled.get(program);
  if (known !== undefined) return known;
  const specification = evaluate(Handlebars.precompile(program, { noEscape: true }) as string);
  compiled.set(program, specification);
  return specification;
}

/** Handlebars compiles to the source of an object; this is how its own `compile` runs it too. */
function evaluate(source: string): TemplateSpecification {
  const run = new Function(`return ${source}`) as () => TemplateSpecification;
  return run();
}
