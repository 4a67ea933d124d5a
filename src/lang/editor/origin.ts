/** Where a value of the body comes from, in words: an input, a block around the place, a hole, whoever uses a partial. */

import { isJsonObject } from "../../base/json.js";
import { LineIndex } from "../../base/text.js";
import type { Expression, Partial, PromptFile } from "../ast.js";
import { helpers } from "../helperTable.js";
import { holesIn } from "../holes.js";
import { inputVariables } from "../inputs.js";
import { readMetadata } from "../metadata.js";
import { allNodes, argumentsOf, calleeName, hasArguments } from "../walk.js";
import { resolve, resolvePath, scopeAt, type Scope } from "./scope.js";
import { descriptionOf, typeText } from "./schemaTypes.js";

/** A place where a partial is used. */
export interface PartialCall {
  /** What the file is called, as its reader knows it. */
  readonly label: string;
  readonly file: PromptFile;
  readonly call: Partial;
}

const MOST_CALLS = 5;

// ------------------------------------------------------------------------------------------------ inputs

/** Of a variable of the prompt itself. */
export function variableText(file: PromptFile, name: string): string {
  const variable = inputVariables(file)?.find((it) => it.name === name);
  const defaults = readMetadata(file).input?.["default"];
  const byDefault = isJsonObject(defaults) && Object.hasOwn(defaults, name) ? defaults[name] : undefined;
  const mayMiss = variable !== undefined && !variable.required && byDefault === undefined;
  const type = variable === undefined ? "an input that the file does not declare" : typeText(variable.schema);
  const lines = [`**\`${name}\`**: ${type}${mayMiss ? ", may be missing" : ""}`];
  const description = variable && descriptionOf(variable.schema);
  if (description !== undefined) lines.push(description);
  lines.push(
    byDefault === undefined
      ? "Given by each run."
      : `Default, from \`input.default\`: \`${JSON.stringify(byDefault)}\``,
  );
  return lines.join("\n\n");
}

/** Of a variable of a partial. */
export function parameterText(name: string, calls: readonly PartialCall[]): string {
  const head = `**\`${name}\`**: a value from where this partial is used`;
  if (calls.length === 0) return `${head}\n\n*No prompt uses it.*`;
  const lines = calls.slice(0, MOST_CALLS).map((it) => `- ${placeOf(it)}: ${givenBy(it, name)}`);
  const more = calls.length - lines.length;
  return [head, [...lines, ...(more === 0 ? [] : [`- and ${more} more`])].join("\n")].join("\n\n");
}

function placeOf({ label, file, call }: PartialCall): string {
  return `\`${label}\`, line ${lineOf(file, call.span.start)}`;
}

function givenBy({ file, call }: PartialCall, name: string): string {
  const scope = scopeAt(file, call.span.start);
  const written = call.hash.find((it) => it.key === name);
  if (written !== undefined) return `\`${sourceOf(file, written)}\`${typeSuffix(resolve(scope, written.value))}`;
  const [context] = call.params;
  if (context !== undefined) {
    const isKnown = context.kind === "path" && !context.isData;
    const schema = isKnown ? resolvePath(scope, context.up, [...context.parts, name]) : undefined;
    return `the field \`${name}\` of \`${sourceOf(file, context)}\`${typeSuffix(schema)}`;
  }
  const from = blockText(file, scope);
  const type = typeSuffix(resolvePath(scope, 0, [name]));
  return from === undefined ? `its own \`${name}\`${type}` : `the field \`${name}\` of ${from}${type}`;
}

function typeSuffix(schema: ReturnType<typeof resolve>): string {
  return schema === undefined ? "" : `, ${typeText(schema)}`;
}

// ------------------------------------------------------------------------------------------------ blocks

export const loopData: Readonly<Record<string, string>> = {
  "@index": "the number of the item, from 0",
  "@key": "the name of the field",
  "@first": "true for the first item",
  "@last": "true for the last item",
};

/** Of the path at a place inside of a block; undefined where it is no value, or one of outside of all blocks. */
export function originOf(file: PromptFile, offset: number): string | undefined {
  const path = valuesOf(file).find(({ span }) => span.start <= offset && offset < span.end);
  if (path?.kind !== "path") return undefined;
  const scope = scopeAt(file, offset);
  const [first] = path.parts;
  if (path.isData) {
    const loop = loopData[`@${path.parts.join(".")}`] === undefined ? undefined : outwards(scope).find(isLoop);
    const from = loop && blockText(file, loop);
    return from && `Of the walk through ${from.replace(/^each item of /, "")}.`;
  }
  const declared = first === undefined || 0 < path.up ? undefined : declaring(scope, first);
  const at = declared ?? outwards(scope)[path.up];
  const from = at && blockText(file, at);
  if (from === undefined) return undefined;
  const isItself = (declared === undefined ? path.parts : path.parts.slice(1)).length === 0;
  return isItself ? `${from[0]!.toUpperCase()}${from.slice(1)}.` : `From ${from}.`;
}

/** What names are fields of inside of the innermost block that changes it. */
function blockText(file: PromptFile, scope: Scope): string | undefined {
  const { block } = scope;
  if (block === undefined) return undefined;
  const [first] = block.params;
  const line = lineOf(file, block.span.start);
  if (calleeName(block) === "shots") return `each item of \`tiller.shots\`, in line ${line}`;
  const value = `\`${sourceOf(file, first ?? block.callee)}\`, in line ${line}`;
  return isLoop(scope) ? `each item of ${value}` : value;
}

function isLoop({ block, walks }: Scope): boolean {
  return block !== undefined && walks;
}

function outwards(scope: Scope): readonly Scope[] {
  return [scope, ...(scope.outer === undefined ? [] : outwards(scope.outer))];
}

/** The block with this name after `as |...|`; undefined where there is none. */
function declaring(scope: Scope, name: string): Scope | undefined {
  return outwards(scope).find((it) => it.block?.blockParams.includes(name) === true);
}

/** Paths that stand for a value, and not for a helper. */
function valuesOf({ body }: PromptFile): readonly Expression[] {
  const visit = (it: Expression): readonly Expression[] => (it.kind === "call" ? argumentsOf(it).flatMap(visit) : [it]);
  return allNodes(body.nodes).flatMap((node) => {
    if (node.kind === "text" || node.kind === "comment") return [];
    const own = argumentsOf(node).flatMap(visit);
    if (node.kind === "partial" || hasArguments(node)) return own;
    const name = calleeName(node);
    return helpers.some((it) => it.name === name) ? own : [node.callee, ...own];
  });
}

// ------------------------------------------------------------------------------------------------ holes

export function holeValueText(file: PromptFile, name: string): string {
  const hole = holesIn(file.body.nodes).find((it) => it.name === name);
  const head = `The value of hole \`${name}\`, once it is filled.`;
  if (hole === undefined) return `${head}\n\n*No hole of this file has this name.*`;
  return `${head}\n\nThe hole in line ${lineOf(file, hole.span.start)}:\n\n~~~~handlebars\n${sourceOf(file, hole)}\n~~~~`;
}

function lineOf({ text }: PromptFile, offset: number): number {
  return new LineIndex(text).position(offset).line + 1;
}

function sourceOf({ text }: PromptFile, { span }: Pick<Expression, "span">): string {
  return text.slice(span.start, span.end).replace(/\s+/g, " ");
}
