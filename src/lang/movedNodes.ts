/** The same nodes of a tree at another place. */

import { span, type Span } from "../base/text.js";
import type { Call, Expression, HashPair, Node } from "./ast.js";

export function movedNodes(nodes: readonly Node[], by: number): readonly Node[] {
  return nodes.map(movedNode);

  function moved({ start, end }: Span): Span {
    return span(start + by, end + by);
  }

  function movedNode(node: Node): Node {
    switch (node.kind) {
      case "text":
      case "comment":
        return { kind: node.kind, span: moved(node.span) };
      case "mustache":
        return { kind: node.kind, span: moved(node.span), ...movedCall(node) };
      case "block":
        return {
          kind: node.kind,
          span: moved(node.span),
          openSpan: moved(node.openSpan),
          ...movedCall(node),
          blockParams: node.blockParams,
          body: node.body.map(movedNode),
          inverse: node.inverse.map(movedNode),
        };
      case "partial":
        return {
          kind: node.kind,
          span: moved(node.span),
          name: node.name,
          nameSpan: moved(node.nameSpan),
          params: node.params.map(movedExpression),
          hash: node.hash.map(movedPair),
          fallback: node.fallback?.map(movedNode),
        };
      default:
        return node satisfies never;
    }
  }

  function movedCall({ callee, params, hash }: Call): Call {
    return { callee: movedExpression(callee), params: params.map(movedExpression), hash: hash.map(movedPair) };
  }

  function movedPair({ key, span, value }: HashPair): HashPair {
    return { key, span: moved(span), value: movedExpression(value) };
  }

  function movedExpression(expression: Expression): Expression {
    switch (expression.kind) {
      case "path":
      case "literal":
        return { ...expression, span: moved(expression.span) };
      case "call":
        return { kind: expression.kind, span: moved(expression.span), ...movedCall(expression) };
      default:
        return expression satisfies never;
    }
  }
}
