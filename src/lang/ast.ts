/** The tree of a `.prompt` file. Every text has one; spans are offsets into the whole file. */

import type { Document } from "yaml";

import type { Json } from "../base/json.js";
import type { Span } from "../base/text.js";

export interface PromptFile {
  readonly text: string;
  /** Which language the text is written in; only Dotprompt is rendered. */
  readonly dialect: Dialect;
  /** Undefined when the file does not begin with a fence. */
  readonly frontMatter: FrontMatter | undefined;
  readonly body: Body;
}

export type Dialect =
  | { readonly kind: "dotprompt" }
  /** Another tool's file with the same suffix. `span` is what gave it away. */
  | { readonly kind: "other"; readonly name: string; readonly span: Span };

export interface FrontMatter {
  /** From the first fence to the end of the second. */
  readonly span: Span;
  /** The YAML between the fences. */
  readonly yamlSpan: Span;
  readonly source: string;
  /** Node ranges are relative to `yamlSpan.start`. Trees of later texts have it too: it must not be changed. */
  readonly document: Document.Parsed;
  /** What the YAML says; an empty object when it is broken. */
  readonly value: { readonly [key: string]: Json };
  /** Why it is broken; spans are relative to `yamlSpan.start`. */
  readonly problems: readonly { readonly span: Span; readonly reason: string }[];
}

export interface Body {
  /** The template: what stands after the front matter, without white space around it. */
  readonly span: Span;
  readonly nodes: readonly Node[];
  /** The template is well formed: it can be rendered. */
  readonly complete: boolean;
  /** Set when it is complete: the same in pieces, for rendering. */
  readonly pieces?: readonly TemplatePiece[];
}

/** Part of a template that is well formed on its own. */
export interface TemplatePiece {
  readonly span: Span;
  readonly nodes: readonly Node[];
  /** Its lines are counted from the start of the piece. */
  readonly program: TemplateProgram;
}

/** A template as Handlebars' parser sees it. Only the renderer looks inside: it need not parse again. */
export type TemplateProgram = hbs.AST.Program;

export type Node = TextNode | Mustache | Block | Partial | Comment;

export interface TextNode {
  readonly kind: "text";
  readonly span: Span;
}

/** `{{name}}`, `{{helper param key=value}}` */
export interface Mustache extends Call {
  readonly kind: "mustache";
  readonly span: Span;
}

/** `{{#helper ...}}...{{else}}...{{/helper}}` */
export interface Block extends Call {
  readonly kind: "block";
  readonly span: Span;
  /** `{{#helper ...}}` */
  readonly openSpan: Span;
  /** Names after `as |...|`. */
  readonly blockParams: readonly string[];
  readonly body: readonly Node[];
  readonly inverse: readonly Node[];
}

/** `{{> name key=value}}` */
export interface Partial {
  readonly kind: "partial";
  readonly span: Span;
  /** Undefined when the name is computed. */
  readonly name: string | undefined;
  readonly nameSpan: Span;
  readonly params: readonly Expression[];
  readonly hash: readonly HashPair[];
  /** Of `{{#> name}}...{{/name}}`: rendered when there is no such partial. */
  readonly fallback: readonly Node[] | undefined;
}

export interface Comment {
  readonly kind: "comment";
  readonly span: Span;
}

export interface Call {
  readonly callee: Expression;
  readonly params: readonly Expression[];
  readonly hash: readonly HashPair[];
}

export interface HashPair {
  readonly key: string;
  readonly span: Span;
  readonly value: Expression;
}

export type Expression =
  /** `a.b`, `this`, `../a`, `@index`. */
  | {
      readonly kind: "path";
      readonly span: Span;
      /** As written. */
      readonly original: string;
      /** `@name` */
      readonly isData: boolean;
      /** How many `../` stand before it. */
      readonly up: number;
      readonly parts: readonly string[];
    }
  | { readonly kind: "literal"; readonly span: Span; readonly value: string | number | boolean | null | undefined }
  | ({ readonly kind: "call"; readonly span: Span } & Call);
