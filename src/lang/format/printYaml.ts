/** YAML printed anew: order, comments, anchors and the spelling of values stay, white space between them does not. */

import {
  isCollection,
  isSeq,
  Lexer,
  parseDocument,
  stringify,
  visit,
  type CollectionTag,
  type ScalarTag,
  type StringifyContext,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";

import { sourceScalar } from "./sourceScalar.js";

/** Of text with `\n` as line breaks and without errors. Throws what the package throws, for nesting without an end. */
export function printYaml(source: string): string {
  const document = parseDocument(source, {
    keepSourceTokens: true,
    logLevel: "silent",
    prettyErrors: false,
    customTags: (tags) => tags.map((it) => (typeof it === "string" || it.collection ? it : asWritten(it))),
  });
  visit(document, (_, node) => {
    if (isCollection(node)) keepShape(node as YAMLMap | YAMLSeq, source);
  });
  return withoutTrailingSpace(document.toString({ lineWidth: 0, indent: 2 }));
}

function asWritten(tag: ScalarTag): ScalarTag | CollectionTag {
  return {
    ...tag,
    stringify: (item, context, onComment, onKeep) =>
      sourceScalar(item, context, onComment, onKeep) ??
      tag.stringify?.(item, context, onComment, onKeep) ??
      stringify(item.value).trimEnd(),
  };
}

/** `[a, b]` but `{ a: b }`; what took several lines still does. The package has one option for all, so each is told apart. */
function keepShape(node: YAMLMap | YAMLSeq, source: string): void {
  if (node.flow !== true || !node.range) return;
  const isBroken = source.slice(node.range[0], node.range[1]).includes("\n");
  const print = node.toString.bind(node);
  node.toString = (context?: StringifyContext, ...rest) =>
    print(
      context && {
        ...context,
        flowCollectionPadding: isSeq(node) ? "" : " ",
        options: { ...context.options, lineWidth: isBroken ? 1 : 0 },
      },
      ...rest,
    );
}

/** By the package's lexer, which knows the white space that belongs to a text. */
function withoutTrailingSpace(text: string): string {
  const tokens = [...new Lexer().lex(text)];
  const kept = tokens.map((token, i) => {
    const isText = tokens[i - 1] === scalarFollows;
    const endsLine = /^(?:\r?\n|$)/.test(tokens[i + 1] ?? "");
    if (isText || !endsLine) return controls.includes(token) ? "" : token;
    return controls.includes(token)
      ? ""
      : token.startsWith("#") || token.trim() === ""
        ? token.replace(/[ \t]+$/, "")
        : token;
  });
  return kept.join("");
}

const scalarFollows = "\u001f";
/** The lexer's own marks: beginning of a document, error in a flow collection, scalar. */
const controls: readonly string[] = ["\u0002", "\u0018", scalarFollows];
