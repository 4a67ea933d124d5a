/** What a preview shows of a prompt, as far as it can be said without a model. */

import { isJsonObject, type Json, type JsonObject } from "../../base/json.js";
import { LineIndex } from "../../base/text.js";
import type { Bounds } from "../../protocol/constraint.js";
import type { PreviewContent } from "../../protocol/language.js";
import type {
  PreviewHole,
  PreviewMedia,
  PreviewInput,
  PreviewMessage,
  PreviewPart,
  PreviewProblem,
} from "../../protocol/preview.js";
import type { PromptFile } from "../ast.js";
import type { Diagnostic } from "../diagnostic.js";
import type { HoleSpec } from "../hole.js";
import { finalHole, withFinalHole } from "../finalHole.js";
import { checkInput, inputVariables, withDefaults, type InputVariable } from "../inputs.js";
import { withoutLayout } from "../layout.js";
import { fileInputs, type ReadData } from "../data/fileInputs.js";
import { ownAdapters } from "../compareSettings.js";
import { readMetadata, type Metadata } from "../metadata.js";
import { render } from "../render.js";
import type { RenderedMessage, RenderedPart } from "../rendered.js";
import { pictureOf, type FindPicture, type MediaPart } from "../data/pictures.js";
import { readShots } from "../shots/readShots.js";
import { selectShots, type ShotSelection } from "../shots/selectShots.js";
import { readShotSelect } from "../shots/shotSelect.js";
import type { TemplateCache } from "../templateCache.js";
import { readTests } from "../tests/promptTest.js";
import { portability } from "./portability.js";
import { markInput } from "./valueParts.js";
import { descriptionOf, typesOf } from "./schemaTypes.js";

export interface PreviewRequest {
  /** What the user gave, by variable. */
  readonly input: JsonObject;
  /** The name of the test whose input is shown instead. */
  readonly test: string | undefined;
  readonly diagnostics: readonly Diagnostic[];
  readonly partial: (name: string) => string | undefined;
  /** The text of a file of shots. */
  readonly shots: (name: string) => string | undefined;
  readonly data: ReadData;
  readonly picture: FindPicture;
  readonly templates: TemplateCache;
}

/** More problems are not read by anybody. */
const MOST_PROBLEMS = 20;
/** Of what is shown as the name of a picture: a data URL is long. */
const LONGEST_URL = 120;

export function previewContent(file: PromptFile, request: PreviewRequest): PreviewContent {
  const metadata = readMetadata(file);
  const tests = testsOf(file);
  const test = tests.find((it) => it.name === request.test);
  const said = test?.input ?? request.input;
  const { input: values, problems: wrongFiles } = fileInputs(file, said, request.data);
  const lines = new LineIndex(file.text);
  const lineOf = (offset: number) => lines.position(offset).line;
  const inputProblems = [...wrongFiles, ...checkInput(file, values)];
  const { partial, templates } = request;
  const given = withDefaults(metadata, values);
  const shots = shotsOf(file, given, request);
  const rendered = (input: JsonObject) => render(file, { input, shots, partial, templates });
  const { messages, diagnostics } = rendered(values);
  const whole = (from: readonly RenderedMessage[]) => withFinalHole(from, finalHole(metadata.output), {});
  // What rendering stumbles over has mostly been said by then.
  const isBroken = request.diagnostics.some((it) => it.severity === "error");
  const all = isBroken ? request.diagnostics : [...request.diagnostics, ...diagnostics];
  return {
    portability: portability(file),
    tests: tests.map((it) => it.name),
    test: test?.name,
    inputs: inputsOf(file, said, inputProblems),
    problems: [
      ...inputProblems.map((message): PreviewProblem => ({ severity: "error", message, line: undefined })),
      ...all.map((it) => problemOf(it, lineOf)),
    ].slice(0, MOST_PROBLEMS),
    messages: withValues(whole(messages), given, (it) => whole(rendered(it).messages), {
      lineOf,
      mediaOf: (part) => mediaOf(part, said, request.picture),
    }),
    values: said,
    reserve: reserveOf(metadata),
    ...repeatsOf(file),
    compare: file.frontMatter?.value["tiller.compare"],
    adapters: ownAdapters(file),
    guide: objectOr(file.frontMatter?.value["tiller.guide"]),
  };
}

function objectOr(value: Json | undefined): JsonObject | undefined {
  return isJsonObject(value) ? value : undefined;
}

function reserveOf({ config }: Metadata): number {
  const tokens = config["maxOutputTokens"];
  return typeof tokens === "number" && 0 < tokens ? tokens : 0;
}

/** As a run selects them, before anything is dropped: nobody can count tokens here. */
function shotsOf(file: PromptFile, input: JsonObject, { shots: find }: PreviewRequest): ShotSelection {
  const { shots } = readShots(file, find);
  const { select } = readShotSelect(file);
  return selectShots({ shots, select, input });
}

function problemOf(
  { severity, message, span, partial }: Diagnostic,
  lineOf: (offset: number) => number,
): PreviewProblem {
  if (partial !== undefined) return { severity, message: `in the partial "${partial}": ${message}`, line: undefined };
  return { severity, message, line: lineOf(span.start) };
}

function repeatsOf(file: PromptFile): Pick<PreviewContent, "testRepeats" | "leastRepeats"> {
  const { tests } = readTests(file);
  const least = Math.max(1, ...tests.filter((it) => it.input === undefined).map((it) => it.repeat));
  return {
    testRepeats: testsOf(file).map(({ name }) => tests.find((it) => it.name === name && it.input)?.repeat ?? 1),
    leastRepeats: least,
  };
}

function testsOf(file: PromptFile): readonly { readonly name: string; readonly input: JsonObject }[] {
  const tests = file.frontMatter?.value["tiller.tests"];
  if (!Array.isArray(tests)) return [];
  return (tests as readonly Json[]).flatMap((it, i) => {
    // A test without an input of its own is made on every input.
    if (!isJsonObject(it) || !isJsonObject(it["input"])) return [];
    const name = typeof it["name"] === "string" ? it["name"] : `test ${i + 1}`;
    return [{ name, input: it["input"] }];
  });
}

// ------------------------------------------------------------------------------------------------ inputs

/** Declared variables; those that are only used are asked for as texts. */
function inputsOf(file: PromptFile, values: JsonObject, problems: readonly string[]): readonly PreviewInput[] {
  const declared = inputVariables(file) ?? [];
  const required = new Set(declared.filter((it) => it.required).map((it) => it.name));
  return declared.map((variable) => {
    const { name, schema } = variable;
    const isGiven = Object.hasOwn(values, name);
    const problem = problems.find((it) => it.startsWith(`"${name}"`));
    return {
      name,
      ...kindOf(variable),
      required: required.has(name),
      description: descriptionOf(schema),
      value: isGiven ? values[name] : variable.default,
      isDefault: !isGiven,
      problem,
    };
  });
}

function kindOf({ schema }: InputVariable): Pick<PreviewInput, "kind" | "options"> {
  const allowed = schema["enum"];
  if (Array.isArray(allowed))
    return { kind: "choice", options: (allowed as readonly Json[]).filter((it) => it !== null) };
  const [type] = typesOf(schema).filter((it) => it !== "null");
  switch (type) {
    case "boolean":
      return { kind: "flag", options: [] };
    case "integer":
    case "number":
    case "array":
    case "object":
      return { kind: type === "array" || type === "object" ? "json" : type, options: [] };
    default:
      return { kind: type === undefined && schema["description"] === undefined ? "json" : "text", options: [] };
  }
}

// ------------------------------------------------------------------------------------------------ messages

interface Showing {
  readonly lineOf: (offset: number) => number;
  readonly mediaOf: (part: MediaPart) => PreviewMedia;
}

/** The messages with the input's texts told apart, where that can be said. */
function withValues(
  messages: readonly RenderedMessage[],
  input: JsonObject,
  render: (input: JsonObject) => readonly RenderedMessage[],
  showing: Showing,
): readonly PreviewMessage[] {
  const plain = messages.map((it) => messageOf(it, showing));
  const marks = markInput(input);
  if (marks === undefined) return plain;
  const mediaOf = (part: MediaPart) => showing.mediaOf({ ...part, url: marks.plain(part.url) });
  const marked = render(marks.input).map((it) => messageOf(it, { ...showing, mediaOf }));
  const isSame = marked.length === plain.length && marked.every((it, i) => sameMessage(it, plain[i]!, marks.plain));
  if (!isSame) return plain;
  return marked.map((it) => ({
    ...it,
    parts: it.parts.flatMap((part): readonly PreviewPart[] =>
      part.kind === "text" ? marks.pieces(part.text) : [part],
    ),
  }));
}

function sameMessage(marked: PreviewMessage, plain: PreviewMessage, without: (text: string) => string): boolean {
  const sameShot = JSON.stringify(marked.shot) === JSON.stringify(plain.shot);
  if (marked.role !== plain.role || marked.parts.length !== plain.parts.length || !sameShot) return false;
  return marked.parts.every((part, i) => {
    const other = plain.parts[i]!;
    if (part.kind === "text" && other.kind === "text") return without(part.text) === other.text;
    return JSON.stringify(part) === JSON.stringify(other);
  });
}

function messageOf({ role, parts, shot }: RenderedMessage, showing: Showing): PreviewMessage {
  const known = role === "system" || role === "model" || role === "tool" ? role : "user";
  return { role: known, shot, parts: withoutLayout(parts).flatMap((it) => partOf(it, showing)) };
}

function partOf(part: RenderedPart, { lineOf, mediaOf }: Showing): readonly PreviewPart[] {
  switch (part.kind) {
    case "text":
      return part.text === "" ? [] : [{ kind: "text", text: part.text }];
    case "media":
      return [mediaOf(part)];
    case "hole":
      return [holeOf(part.hole, lineOf)];
    case "section":
    case "other":
      return [];
    default:
      return part satisfies never;
  }
}

function mediaOf(part: MediaPart, said: JsonObject, find: FindPicture): PreviewMedia {
  const picture = pictureOf(part, said, find);
  const url = part.url.length <= LONGEST_URL ? part.url : `${part.url.slice(0, LONGEST_URL)}...`;
  switch (picture.kind) {
    case "missing":
    case "wrong":
      return { kind: "media", url, picture: { kind: "problem", problem: picture.problem } };
    case "file":
    case "bytes":
      return { kind: "media", url, picture };
    default:
      return picture satisfies never;
  }
}

function holeOf(hole: HoleSpec, lineOf: (offset: number) => number): PreviewHole {
  return {
    kind: "hole",
    name: hole.name,
    constraint: constraintText(hole),
    hidden: hole.hidden === true,
    line: lineOf(hole.span.start),
    text: undefined,
    state: "open",
    legalMass: undefined,
  };
}

/** In a few words. */
function constraintText({ constraint, limits = {}, tokens, level }: HoleSpec): string | undefined {
  const words: string[] = [];
  switch (constraint?.kind) {
    case "choice":
      words.push(`one of ${constraint.options.length}`);
      break;
    case "regex":
      words.push(`regex ${constraint.source}`);
      break;
    case "json":
      words.push("json");
      break;
    case undefined:
    case "text":
      break;
    default:
      if (constraint !== undefined) words.push(constraint.kind);
  }
  const { chars, words: counted, sentences, ...texts } = limits;
  for (const [unit, bounds] of Object.entries({ chars, words: counted, sentences, tokens }))
    if (bounds !== undefined) words.push(`${boundsText(bounds)} ${unit}`);
  words.push(...Object.keys(texts));
  if (level !== undefined && level !== "hard") words.push(`level: ${level}`);
  return words.length === 0 ? undefined : words.join(", ");
}

function boundsText({ min, max }: Bounds): string {
  if (max === undefined) return `from ${min ?? 0}`;
  return min === undefined ? `up to ${max}` : `${min} to ${max}`;
}
