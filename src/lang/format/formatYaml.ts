/** The front matter as the YAML package prints it, with its comments, its order and its ways to quote. */

import { parseDocument, visit } from "yaml";

import type { FrontMatter } from "../ast.js";
import { applyEdits, type TextEdit } from "../editor/edit.js";

const style = { lineWidth: 0, indent: 2, flowCollectionPadding: true } as const;

/** Undefined where there is nothing to change, or where a change would not be certain to mean the same. */
export function formatYaml(text: string, { yamlSpan, document }: FrontMatter): TextEdit | undefined {
  const source = text.slice(yamlSpan.start, yamlSpan.end);
  if (0 < document.errors.length || source.trim() === "" || isWrapped(source, document)) return undefined;
  const printed = print(source);
  if (printed === undefined || printed === source || print(printed) !== printed) return undefined;
  return { span: yamlSpan, text: printed };
}

/** Texts that the author broke into lines would be put onto one, or be broken elsewhere. */
function isWrapped(source: string, document: FrontMatter["document"]): boolean {
  let found = false;
  visit(document, {
    Scalar(_, { type, range }) {
      const spansLines = range ? source.slice(range[0], range[1]).includes("\n") : false;
      if (type === "BLOCK_FOLDED" || (type !== "BLOCK_LITERAL" && spansLines)) found = true;
      return found ? visit.BREAK : undefined;
    },
  });
  return found;
}

function print(source: string): string | undefined {
  const lineEnd = source.includes("\r\n") ? "\r\n" : "\n";
  const document = parseDocument(source, { prettyErrors: false, logLevel: "silent" });
  try {
    const printed = tightLists(document.toString(style)).replaceAll(/\r?\n/g, lineEnd);
    const again = parseDocument(printed, { prettyErrors: false, logLevel: "silent" });
    const same = 0 === again.errors.length && valueText(again) === valueText(document);
    // A line of dashes would end the front matter.
    return same && !/^---[ \t]*\r?$/m.test(printed) ? printed : undefined;
  } catch {
    return undefined; // what the package cannot print stays as it is
  }
}

/** `[a, b]` beside `{ a: b }`: the package has one setting for both. */
function tightLists(printed: string): string {
  const edits: TextEdit[] = [];
  visit(parseDocument(printed, { prettyErrors: false, logLevel: "silent" }), {
    Seq(_, { flow, range }) {
      if (flow !== true || !range) return;
      const [start, end] = [range[0] + 1, range[1] - 1];
      if (end - start < 2 || printed[start] !== " " || printed[end - 1] !== " ") return;
      edits.push({ span: { start, end: start + 1 }, text: "" }, { span: { start: end - 1, end }, text: "" });
    },
  });
  return applyEdits(printed, edits);
}

function valueText(document: { toJS(options: { readonly maxAliasCount: number }): unknown }): string {
  return JSON.stringify(document.toJS({ maxAliasCount: 100 })) ?? "";
}
