/** `tiller.shots`: the examples of a prompt, from its front matter or from a file that it names. Never throws. */

import { isJsonObject, type Json } from "../../base/json.js";
import type { FrontMatter, PromptFile } from "../ast.js";
import type { Diagnostic } from "../diagnostic.js";
import { keySpan, valueSpan, type KeyPath } from "../frontMatter.js";
import { typeNames, typeOf } from "../frontMatterSchema.js";
import { closedVariables } from "../inputs.js";
import { nearest } from "../nearest.js";
import { jsonLines } from "./jsonLines.js";
import { namedVariables, parseShot, type ShotProblem } from "./parseShot.js";
import type { Shot } from "./shot.js";

export interface ReadShots {
  readonly shots: readonly Shot[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The text of a file of shots, by the path that the prompt gives; undefined where there is none. Must not throw. */
export type FindShots = (path: string) => string | undefined;

const KEY = "tiller.shots";
/** Of one file; a file of another kind would have as many as lines. */
const MOST_REPORTED = 10;

export function hasShots({ frontMatter }: PromptFile): boolean {
  return frontMatter?.value[KEY] !== undefined;
}

/** Without `find`, files are not looked at. */
export function readShots(file: PromptFile, find: FindShots | undefined): ReadShots {
  const { frontMatter } = file;
  const value = frontMatter?.value[KEY];
  if (frontMatter === undefined || value === undefined) return { shots: [], diagnostics: [] };
  if (Array.isArray(value)) return fromList(value as readonly Json[], file, frontMatter);
  if (isJsonObject(value)) return fromFile(value["file"], file, frontMatter, find);
  const message = `expected a list or keys and values for "${KEY}", found ${typeNames[typeOf(value)]}`;
  return { shots: [], diagnostics: [{ ...diagnosticAt(frontMatter, problem([], message)), code: "wrong-type" }] };
}

function fromList(list: readonly Json[], file: PromptFile, frontMatter: FrontMatter): ReadShots {
  const variables = closedVariables(file);
  const read = list.map((it, i) => readOne(it, i, variables));
  const diagnostics = read.flatMap(({ problems }, i) =>
    problems.map((it) => diagnosticAt(frontMatter, { ...it, path: [i, ...it.path] })),
  );
  return { shots: read.flatMap((it) => it.shot ?? []), diagnostics };
}

function fromFile(
  name: Json | undefined,
  file: PromptFile,
  frontMatter: FrontMatter,
  find: FindShots | undefined,
): ReadShots {
  const failed = (path: KeyPath, message: string, code = "wrong-shot"): ReadShots => ({
    shots: [],
    diagnostics: [{ ...diagnosticAt(frontMatter, problem(path, message)), code }],
  });
  if (typeof name !== "string") return failed([], "expected a list of shots, or {file: shots.jsonl}");
  if (!name.endsWith(".jsonl")) return failed(["file"], `expected a file of the kind shots.jsonl, found "${name}"`);
  if (find === undefined) return { shots: [], diagnostics: [] };
  const text = find(name);
  if (text === undefined) {
    const message = `expected the file "${name}" in the prompt's folder or below, from which the shots are read`;
    return failed(["file"], message, "missing-shots-file");
  }
  const variables = closedVariables(file);
  const lines = jsonLines(text).map((it, i) => ({
    line: it.line,
    ...("problem" in it ? { shot: undefined, problems: [problem([], it.problem)] } : readOne(it.value, i, variables)),
  }));
  const all = lines.flatMap(({ line, problems }) =>
    problems.map(({ severity, message }) => ({ severity, message: `line ${line} of "${name}": ${message}` })),
  );
  const left = all.slice(MOST_REPORTED);
  const severity = left.some((it) => it.severity === "error") ? "error" : "warning";
  const more = left.length === 0 ? [] : [{ severity, message: `"${name}" has ${left.length} more problems` } as const];
  const diagnostics = [...all.slice(0, MOST_REPORTED), ...more].map((it) =>
    diagnosticAt(frontMatter, { path: ["file"], ...it }),
  );
  return { shots: lines.flatMap((it) => it.shot ?? []), diagnostics };
}

function readOne(value: Json, index: number, variables: readonly string[] | undefined) {
  const { shot, problems } = parseShot(value, index);
  if (shot === undefined || variables === undefined) return { shot, problems };
  const unknown = namedVariables(shot).filter(([, name]) => !variables.includes(name));
  return { shot, problems: [...problems, ...unknown.map(([key, name]) => undeclared(key, name, variables))] };
}

function problem(path: KeyPath, message: string): ShotProblem {
  return { path, severity: "error", message };
}

function undeclared(key: "input" | "when", name: string, variables: readonly string[]): ShotProblem {
  const near = nearest(name, variables);
  const hint = near === undefined ? "" : `; did you mean "${near}"?`;
  return { path: [key, name], marksKey: true, severity: "warning", message: `no variable is called "${name}"${hint}` };
}

function diagnosticAt(frontMatter: FrontMatter, { path, marksKey, severity, message }: ShotProblem): Diagnostic {
  const full = [KEY, ...path];
  const span = marksKey === true ? keySpan(frontMatter, full) : valueSpan(frontMatter, full);
  return { code: "wrong-shot", severity, span, message };
}
