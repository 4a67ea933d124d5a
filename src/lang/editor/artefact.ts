/** Models and adapters that a front matter names: where they are named, and what is said of them. Reads no files. */

import { isMap, isScalar, isSeq, type Scalar } from "yaml";

import { span, type Span } from "../../base/text.js";
import type { FrontMatter, PromptFile } from "../ast.js";
import type { Hover } from "./hover.js";

export interface NamedArtefact {
  readonly kind: "model" | "adapter";
  /** As in the file: a name or a path. */
  readonly name: string;
  readonly span: Span;
}

/** What a file's own words say of it. */
export interface ArtefactFacts {
  readonly path: string;
  /** Undefined for a file that is damaged: then there is a `problem`. */
  readonly sizeBytes: number | undefined;
  /** In its author's words, a sentence or two. */
  readonly summary?: string;
  /** Label and value, in the order in which they are shown. */
  readonly facts: readonly (readonly [string, string])[];
  readonly problem?: string;
}

/** The model or adapter that is named at a place. */
export function artefactAt(
  { frontMatter }: Pick<PromptFile, "frontMatter">,
  offset: number,
): NamedArtefact | undefined {
  return frontMatter && namedArtefacts(frontMatter).find(({ span: { start, end } }) => start <= offset && offset < end);
}

function namedArtefacts({ document, yamlSpan }: FrontMatter): readonly NamedArtefact[] {
  const named = (kind: NamedArtefact["kind"], node: unknown): NamedArtefact[] =>
    isName(node)
      ? [{ kind, name: node.value, span: span(yamlSpan.start + node.range![0], yamlSpan.start + node.range![1]) }]
      : [];
  const root = document.contents;
  if (!isMap(root)) return [];
  const adapters = root.get("tiller.adapters", true);
  const entries = isSeq(adapters) ? adapters.items : [];
  return [
    ...named("model", root.get("model", true)),
    ...entries.flatMap((it) =>
      isMap(it) ? ["name", "uri"].flatMap((key) => named("adapter", it.get(key, true))) : named("adapter", it),
    ),
  ];
}

function isName(node: unknown): node is Scalar<string> {
  return isScalar(node) && typeof node.value === "string" && node.value !== "" && !!node.range;
}

/** `facts` undefined: there is no such file, or nobody knows where it is. */
export function artefactHover({ kind, name, span: where }: NamedArtefact, facts: ArtefactFacts | undefined): Hover {
  const title = `**${kind === "model" ? "Model" : "Adapter"} \`${name}\`**`;
  if (facts === undefined) {
    const places =
      kind === "model"
        ? "beside the prompt, in the workspace, or among the models that Tiller knows"
        : "beside the prompt, in a folder `adapters` above it, or among the folders that Tiller knows";
    return { span: where, markdown: `${title}\n\n*There is none of this name ${places}.*` };
  }
  const { summary, facts: all, sizeBytes, path, problem } = facts;
  const rows = [...all, ...(sizeBytes === undefined ? [] : [["size", sizeText(sizeBytes)] as const])];
  const list = [...rows.map(([label, value]) => `- ${label}: ${plain(value)}`), `- file: \`${path}\``].join("\n");
  const parts = [title, summary && plain(summary), list, problem && `*${plain(problem)}*`];
  return { span: where, markdown: parts.filter((it) => it !== undefined).join("\n\n") };
}

/** What a file says of itself is text, whatever it looks like. */
function plain(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[\\`*_{}[\]<>()#!|~]/g, "\\$&");
}

const KILO = 1000;

/** `1.84 MB`. */
export function sizeText(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (KILO <= value && unit < units.length - 1) {
    value /= KILO;
    unit++;
  }
  return `${unit === 0 ? value : value.toPrecision(3)} ${units[unit]}`;
}
