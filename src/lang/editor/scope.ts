/** Which names can be used at a place of a template, and what is known of their values. */

import { isJsonObject, type JsonObject } from "../../base/json.js";
import type { Block, Expression, Node, PromptFile } from "../ast.js";
import { readMetadata } from "../metadata.js";
import { calleeName } from "../walk.js";
import { itemsOf, schemaAt, typesOf } from "./schemaTypes.js";

export interface Scope {
  /** What names are fields of here; undefined where nothing is known. */
  readonly context: JsonObject | undefined;
  /** Names after `as |...|`. */
  readonly locals: ReadonlyMap<string, JsonObject | undefined>;
  readonly outer: Scope | undefined;
  /** Inside of `each`: `@index`, `@first` and the like mean something. */
  readonly isLoop: boolean;
  /** What gives the context; undefined for the input itself. */
  readonly block: Block | undefined;
  /** The block goes through a list. */
  readonly walks: boolean;
}

export function scopeAt(file: PromptFile, offset: number): Scope {
  const schema = readMetadata(file).input?.["schema"];
  const root: Scope = {
    context: isJsonObject(schema) ? schema : undefined,
    locals: new Map(),
    outer: undefined,
    isLoop: false,
    block: undefined,
    walks: false,
  };
  return enclosing(file.body.nodes, offset).reduce(inside, root);
}

/** Blocks in whose body the place is, the outermost first. */
function enclosing(nodes: readonly Node[], offset: number): readonly Block[] {
  for (const node of nodes) {
    if (node.kind !== "block" || offset < node.openSpan.end || node.span.end < offset) continue;
    const inverse = enclosing(node.inverse, offset);
    const [first] = node.inverse;
    // In the inverse the names are those of outside.
    if (0 < inverse.length || (first !== undefined && first.span.start <= offset)) return inverse;
    return [node, ...enclosing(node.body, offset)];
  }
  return [];
}

function inside(outer: Scope, block: Block): Scope {
  const name = calleeName(block);
  const [first] = block.params;
  if (name === "each") return within(outer, itemsOf(resolve(outer, first)), block, true);
  if (name === "with") return within(outer, resolve(outer, first), block, false);
  if (name === "shots") return within(outer, shotSchema(outer), block, true);
  if (0 < block.params.length) return { ...outer, locals: withLocals(outer, block, undefined) };
  // `{{#name}}` goes through a list, into an object, or is a condition.
  const value = resolve(outer, block.callee);
  const types = value === undefined ? [] : typesOf(value);
  if (types.includes("array")) return within(outer, itemsOf(value), block, true);
  return types.includes("object") ? within(outer, value, block, false) : outer;
}

function within(outer: Scope, context: JsonObject | undefined, block: Block, isLoop: boolean): Scope {
  return {
    context,
    locals: withLocals(outer, block, context),
    outer,
    isLoop: isLoop || outer.isLoop,
    block,
    walks: isLoop,
  };
}

/** `input` has the prompt's variables, where it is no plain text. */
function shotSchema(scope: Scope): JsonObject {
  let root = scope;
  while (root.outer !== undefined) root = root.outer;
  const input = { ...root.context, description: "the input of this example" };
  return { type: "object", properties: { input, output: { description: "the output of this example" } } };
}

function withLocals({ locals }: Scope, block: Block, first: JsonObject | undefined): Scope["locals"] {
  if (block.blockParams.length === 0) return locals;
  const [name, index] = block.blockParams;
  const added: [string, JsonObject | undefined][] = [[name!, first]];
  if (index !== undefined) added.push([index, { type: "integer", description: "the number of the item, from 0" }]);
  return new Map([...locals, ...added]);
}

/** What is known of an expression's value. */
export function resolve(scope: Scope, expression: Expression | undefined): JsonObject | undefined {
  if (expression?.kind !== "path" || expression.isData) return undefined;
  return resolvePath(scope, expression.up, expression.parts);
}

export function resolvePath(scope: Scope, up: number, parts: readonly string[]): JsonObject | undefined {
  let from: Scope | undefined = scope;
  for (let i = 0; i < up; i++) from = from?.outer;
  const [first, ...rest] = parts;
  if (first !== undefined && up === 0 && scope.locals.has(first)) return schemaAt(scope.locals.get(first), rest);
  return schemaAt(from?.context, parts);
}
