/**
 * Scalars as they were written. The `yaml` package would print `1.0`, `0xFF` and "\u00e9" in its own way, join the lines of folded
 * texts, and quote block texts that end in spaces; here only the indentation of further lines changes.
 */

import type { CST, Scalar, ScalarTag } from "yaml";

type Print = NonNullable<ScalarTag["stringify"]>;

/** `onComment` is called when the scalar's comment is part of what is returned, `onKeep` when its last line breaks count. */
export const sourceScalar: Print = ({ srcToken, source, comment }: Scalar, { indent }, onComment, onKeep) => {
  // A value that is left out has no token.
  if (srcToken === undefined && source === "") return "";
  if (srcToken === undefined || !("source" in srcToken)) throw new Error("this scalar does not come from a text");
  if (srcToken.type !== "block-scalar") return flowScalar(srcToken.source, indent);
  const header = headerOf(srcToken);
  if (comment) onComment?.();
  const note = comment ? ` #${comment}` : "";
  const keeps = header.includes("+");
  if (keeps) onKeep?.();
  const lines = blockLines(srcToken, header, indent);
  // The last line break is written by whoever comes next. Of empty lines below one stays, as between other values.
  const text = lines.join("\n").replace(keeps ? /\n$/ : /\n(\n)*$/, keeps ? "" : "$1");
  return `${header.replace(/[1-9]/, "2")}${note}\n${text}`;
};

function headerOf({ props }: CST.BlockScalar): string {
  const header = props.find((it) => it.type === "block-scalar-header") as CST.SourceToken | undefined;
  if (header === undefined) throw new Error("this block scalar has no header");
  return header.source;
}

function flowScalar(source: string, indent: string): string {
  const lines = source.split("\n");
  const indented = lines.map((it, i) => {
    const line = i === 0 ? it : it.trimStart();
    // A backslash before the break keeps the white space between them.
    const ended = i === lines.length - 1 || /\\[ \t]*$/.test(line) ? line : line.trimEnd();
    return i === 0 || ended === "" ? ended : indent + ended;
  });
  return indented.join("\n");
}

function blockLines({ source, indent: outer }: CST.BlockScalar, header: string, indent: string): string[] {
  const lines = source.split("\n");
  const digit = /[1-9]/.exec(header)?.[0];
  const first = lines.find((it) => it.trim() !== "") ?? "";
  const depth = digit === undefined ? first.length - first.trimStart().length : outer + Number(digit);
  return lines.map((it) => (it.length <= depth && it.trim() === "" ? "" : indent + it.slice(depth)));
}
