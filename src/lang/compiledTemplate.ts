/** What Handlebars runs, made of the pieces of a template. */

import Handlebars from "handlebars";

import { onceFor } from "../base/onceFor.js";
import type { TemplatePiece, TemplateProgram } from "./ast.js";

type Run = (context: unknown, options?: Handlebars.RuntimeOptions) => string;

/**
 * As Handlebars calls a template with values. `begin` is told of each piece before it is compiled and before it is run. Throws
 * Handlebars' own error for what its compiler refuses.
 */
export function templateOf(
  env: typeof Handlebars,
  pieces: readonly TemplatePiece[],
  begin: (piece: TemplatePiece) => void,
): Run {
  const run = partialOf(pieces, begin);
  return env.template({
    compiler: [8, ">= 4.3.0"], // what Handlebars calls the templates that it makes
    useData: true,
    usePartial: true,
    // What a compiled template does for a partial of its own; so all pieces share what Handlebars sets up for one.
    main(container: Container, context: unknown, helpers: unknown, partials: unknown, data: unknown) {
      const { decorators, hooks, protoAccessControl } = container;
      return run(context, { partial: true, helpers, partials, decorators, hooks, protoAccessControl, data } as object);
    },
  });
}

/** As Handlebars calls a partial. */
export function partialOf(pieces: readonly TemplatePiece[], begin: (piece: TemplatePiece) => void = () => {}): Run {
  const parts = pieces.map((piece) => {
    begin(piece);
    return { piece, run: compiledOf(piece.program) };
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

interface Container {
  readonly decorators: object;
  readonly hooks: object;
  readonly protoAccessControl: object;
}

/** As a partial it has no helpers and no partials of its own: they come with each call. */
const compiledOf = onceFor((program: TemplateProgram): Run => {
  const source = Handlebars.precompile(program, { noEscape: true }) as string;
  // Handlebars compiles to the source of an object; this is how its own `compile` runs it too.
  const run = new Function(`return ${source}`) as () => TemplateSpecification;
  return Handlebars.template(run());
});
