/** YAML printed anew: order, comments, anchors and the spelling of values stay, white space between them does not. */

import { isCollection, isSeq, Lexer, parseDocument, visit, type Document, type YAMLMap, type YAMLSeq } from "yaml";

import { sourceScalar } from "./sourceScalar.js";

/** Of text with `\n` as line breaks and without errors. Throws what the package throws, for nesting without an end. */
export function printYaml(source: string): string {
  const document = parseDocument(source, {
    keepSourceTokens: true,
    logLevel: "silent",
    prettyErrors: false,
    customTags: (tags) =>
      tags.map((it) => (typeof it === "string" || it.collection ? it : { ...it, stringify: sourceScalar })),
  });
  visit(document, (_, node) => {
    if (isCollection(node)) keepShape(node as YAMLMap | YAMLSeq, source);
  });
  keepLastComment(document, source);
  return withoutTrailingSpace(document.toString({ lineWidth: 0, indent: 2 }));
}

/** `[a, b]` but `{ a: b }`; what took several lines still does. The package has one option for all, so each is told apart. */
function keepShape(node: YAMLMap | YAMLSeq, source: string): void {
  if (node.flow !== true || !node.range) return;
  const isBroken = source.slice(node.range[0], node.range[1]).includes("\n");
  const print = node.toString.bind(node);
  node.toString = (context, ...rest) =>
    print(
      context && {
        ...context,
        flowCollectionPadding: isSeq(node) ? "" : " ",
        options: { ...context.options, lineWidth: isBroken ? 1 : 0 },
      },
      ...rest,
    );
}

/** The package puts an empty line before a comment at the end; here only one that was there stays. */
function keepLastComment(document: Document.Parsed, source: string): void {
  const { contents, comment } = document;
  const lines = source.trimEnd().split("\n");
  const last = lines.findLastIndex((it) => !/^\s*(?:#.*)?$/.test(it));
  if (!isCollection(contents) || !comment || lines[last + 1]?.trim() === "") return;
  contents.comment = contents.comment ? `${contents.comment}\n${comment}` : comment;
  document.comment = null;
}

/** By the package's lexer, which knows the white space that belongs to a text. */
function withoutTrailingSpace(text: string): string {
  const tokens = [...new Lexer().lex(text)];
  const kept = tokens.map((token, i) => {
    if (controls.includes(token)) return "";
    const isText = tokens[i - 1] === scalarFollows;
    const endsLine = /^(?:\r?\n|$)/.test(tokens[i + 1] ?? "");
    const isLoose = token.startsWith("#") || /^[ \t]*$/.test(token);
    return endsLine && isLoose && !isText ? token.trimEnd() : token;
  });
  return kept.join("");
}

const scalarFollows = "\u001f";
/** The lexer's own marks: beginning of a document, error in a flow collection, scalar. */
const controls: readonly string[] = ["\u0002", "\u0018", scalarFollows];
