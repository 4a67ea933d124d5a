/** The outline of a prompt: its settings, its messages, and in them the holes and partials. */

import { isMap, isScalar } from "yaml";

import { span, type Span } from "../../base/text.js";
import type { FrontMatter, Node, PromptFile } from "../ast.js";
import { holesIn } from "../holes.js";
import { allNodes, calleeName } from "../walk.js";

export interface OutlineItem {
  readonly name: string;
  readonly detail: string;
  readonly kind: "settings" | "key" | "message" | "hole" | "partial";
  readonly span: Span;
  /** What is selected when the item is chosen. */
  readonly nameSpan: Span;
  readonly children: readonly OutlineItem[];
}

export function outline(file: PromptFile): readonly OutlineItem[] {
  const { frontMatter } = file;
  const settings = frontMatter === undefined ? [] : [settingsItem(frontMatter)];
  return [...settings, ...messageItems(file)];
}

function settingsItem(frontMatter: FrontMatter): OutlineItem {
  const { span: whole, yamlSpan, document } = frontMatter;
  const { contents } = document;
  const keys = isMap(contents) ? contents.items : [];
  const children = keys.flatMap(({ key, value }): OutlineItem[] => {
    if (!isScalar(key) || !key.range) return [];
    const nameSpan = span(yamlSpan.start + key.range[0], yamlSpan.start + key.range[1]);
    const range = (value as { readonly range?: readonly number[] | null } | null)?.range;
    const end = range ? Math.max(nameSpan.end, yamlSpan.start + range[1]!) : nameSpan.end;
    const detail = isScalar(value) ? String(value.value) : "";
    return [{ name: String(key.value), detail, kind: "key", span: span(nameSpan.start, end), nameSpan, children: [] }];
  });
  const nameSpan = span(whole.start, whole.start + 3);
  return { name: "front matter", detail: "", kind: "settings", span: whole, nameSpan, children };
}

/** From one `{{role}}` to the next. */
function messageItems({ body, text }: PromptFile): readonly OutlineItem[] {
  const roles = rolesIn(body.nodes);
  const [first] = roles;
  const startsBare = first === undefined || text.slice(body.span.start, first.span.start).trim() !== "";
  const heads = startsBare ? [{ name: "user", span: span(body.span.start, body.span.start) }, ...roles] : roles;
  if (body.span.start === body.span.end) return [];
  return heads.map(({ name, span: head }, i) => {
    const whole = span(head.start, heads[i + 1]?.span.start ?? body.span.end);
    const children = partsIn(body.nodes, whole);
    return {
      name,
      detail: preview(text.slice(head.end, whole.end)),
      kind: "message",
      span: whole,
      nameSpan: head,
      children,
    };
  });
}

export function rolesIn(nodes: readonly Node[]): readonly { readonly name: string; readonly span: Span }[] {
  return allNodes(nodes).flatMap((node) => {
    if (node.kind !== "mustache" || calleeName(node) !== "role") return [];
    const [first] = node.params;
    return first?.kind === "literal" && typeof first.value === "string" ? [{ name: first.value, span: node.span }] : [];
  });
}

function partsIn(nodes: readonly Node[], whole: Span): readonly OutlineItem[] {
  const inside = ({ start, end }: Span) => whole.start <= start && end <= whole.end;
  const holes = holesIn(nodes)
    .filter((it) => inside(it.span))
    .map(({ name, span: own, nameSpan, settings }): OutlineItem => {
      const detail = Object.keys(settings).join(", ");
      return { name, detail, kind: "hole", span: own, nameSpan, children: [] };
    });
  const partials = allNodes(nodes).flatMap((node): OutlineItem[] =>
    node.kind === "partial" && node.name !== undefined && inside(node.span)
      ? [
          {
            name: node.name,
            detail: "partial",
            kind: "partial",
            span: node.span,
            nameSpan: node.nameSpan,
            children: [],
          },
        ]
      : [],
  );
  return [...holes, ...partials].sort((a, b) => a.span.start - b.span.start);
}

const LONGEST_PREVIEW = 60;

function preview(text: string): string {
  const line = text.trim().split("\n")[0] ?? "";
  return line.length <= LONGEST_PREVIEW ? line : `${line.slice(0, LONGEST_PREVIEW)}...`;
}
