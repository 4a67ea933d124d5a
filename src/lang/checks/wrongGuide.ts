// wrong-guide: a setting of `tiller.guide` has a value that it cannot have, or excludes another.

import type { CheckContext } from "../checkContext.js";
import type { Diagnostic } from "../diagnostic.js";
import { valueSpan } from "../frontMatter.js";
import type { PromptGuide } from "../guide/promptGuide.js";
import { readGuide } from "../guide/readGuide.js";
import { inputVariables } from "../inputs.js";
import { nearest } from "../nearest.js";
import { unknownKey } from "./unknownKey.js";
import { wrongType } from "./wrongType.js";

export function wrongGuide(context: CheckContext): Diagnostic[] {
  // Whoever runs a prompt reads no other check, so that the reader says everything; here others have said some of it.
  const said = new Set([...unknownKey(context), ...wrongType(context)].map((it) => it.span.start));
  const { guide, diagnostics } = readGuide(context.file);
  return [...diagnostics.filter((it) => !said.has(it.span.start)), ...unknownEmphasis(context, guide)];
}

/** Without a declared input every name is a variable. */
function unknownEmphasis({ file }: CheckContext, { emphasize }: PromptGuide): Diagnostic[] {
  const { frontMatter } = file;
  const declared = inputVariables(file)?.map((it) => it.name);
  if (frontMatter === undefined || declared === undefined || !Array.isArray(emphasize)) return [];
  return (emphasize as readonly string[]).flatMap((name, i): Diagnostic[] => {
    if (declared.includes(name)) return [];
    const near = nearest(name, [...declared, "instructions"]);
    const message = `expected "instructions" or an input of the prompt, found "${name}"${near === undefined ? "" : `; did you mean "${near}"?`}`;
    return [
      {
        code: "wrong-guide",
        severity: "error",
        span: valueSpan(frontMatter, ["tiller.guide", "emphasize", i]),
        message,
      },
    ];
  });
}
