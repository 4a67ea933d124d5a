/** Handlebars' own parser, its tree turned into ours: offsets instead of lines, and only what we use. */

import Handlebars from "handlebars";

import { LineIndex, span, type Span } from "../base/text.js";
import type { Call, Expression, HashPair, Node, TemplateProgram } from "./ast.js";

export interface ParsedTemplate {
  readonly nodes: readonly Node[];
  readonly program: TemplateProgram;
}

/** Throws Handlebars' own error for a template that is not well formed. `offset` is where the template begins in the file. */
export function parseTemplate(template: string, offset: number): ParsedTemplate {
  const lines = new LineIndex(template);
  const toSpan = ({ start, end }: hbs.AST.SourceLocation): Span =>
    span(
      offset + lines.offset({ line: start.line - 1, column: start.column }),
      offset + lines.offset({ line: end.line - 1, column: end.column }),
    );
  const program = Handlebars.parseWithoutProcessing(template);
  return { nodes: program.body.map(toNode), program };

  function toNode(statement: hbs.AST.Statement): Node {
    const where = toSpan(statement.loc);
    switch (statement.type) {
      case "MustacheStatement":
        return { kind: "mustache", span: where, ...toCall(statement as hbs.AST.MustacheStatement) };
      case "BlockStatement":
        return toBlock(statement as hbs.AST.BlockStatement, where);
      case "PartialStatement":
      case "PartialBlockStatement":
        return toPartial(statement as hbs.AST.PartialStatement & Partial<hbs.AST.PartialBlockStatement>, where);
      case "CommentStatement":
        return { kind: "comment", span: where };
      default:
        return { kind: "text", span: where };
    }
  }

  function toBlock(block: hbs.AST.BlockStatement, where: Span): Node {
    // `{{^x}}...{{/x}}` has an inverse and no program.
    const program = block.program as hbs.AST.Program | undefined;
    const closed = template.indexOf("}}", toSpan(block.path.loc).end - offset);
    return {
      kind: "block",
      span: where,
      openSpan: span(where.start, closed < 0 ? where.end : offset + closed + 2),
      ...toCall(block),
      blockParams: program?.blockParams ?? [],
      body: program?.body.map(toNode) ?? [],
      inverse: (block.inverse as hbs.AST.Program | undefined)?.body.map(toNode) ?? [],
    };
  }

  function toPartial(partial: hbs.AST.PartialStatement & { program?: hbs.AST.Program }, where: Span): Node {
    const name = partial.name as hbs.AST.PathExpression & { value?: unknown };
    const literal = name.type === "PathExpression" ? name.original : name.value;
    return {
      kind: "partial",
      span: where,
      name: typeof literal === "string" || typeof literal === "number" ? String(literal) : undefined,
      nameSpan: toSpan(name.loc),
      params: partial.params.map(toExpression),
      hash: toHash(partial.hash as hbs.AST.Hash | undefined),
      fallback: partial.program?.body.map(toNode),
    };
  }

  function toCall({
    path,
    params,
    hash,
  }: {
    path: hbs.AST.Expression;
    params: hbs.AST.Expression[];
    hash: hbs.AST.Hash;
  }): Call {
    return {
      callee: toExpression(path),
      params: params.map(toExpression),
      hash: toHash(hash as hbs.AST.Hash | undefined),
    };
  }

  function toHash(hash: hbs.AST.Hash | undefined): HashPair[] {
    return (hash?.pairs ?? []).map((it) => ({ key: it.key, span: toSpan(it.loc), value: toExpression(it.value) }));
  }

  function toExpression(expression: hbs.AST.Expression): Expression {
    const where = toSpan(expression.loc);
    switch (expression.type) {
      case "PathExpression": {
        const { original, data, depth, parts } = expression as hbs.AST.PathExpression;
        return { kind: "path", span: where, original, isData: data, up: depth, parts: parts.map(String) };
      }
      case "SubExpression":
        return { kind: "call", span: where, ...toCall(expression as hbs.AST.SubExpression) };
      case "NullLiteral":
        return { kind: "literal", span: where, value: null };
      case "UndefinedLiteral":
        return { kind: "literal", span: where, value: undefined };
      default:
        return { kind: "literal", span: where, value: (expression as hbs.AST.StringLiteral).value };
    }
  }
}
