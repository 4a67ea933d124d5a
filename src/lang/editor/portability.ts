/**
 * How far a file goes beyond Dotprompt, and both ways between the short form of holes and the one that every Dotprompt
 * runtime renders (DESIGN section 2).
 */

import type { Document } from "yaml";

import { isJsonObject, type Json, type JsonObject } from "../../base/json.js";
import type { PromptFile } from "../ast.js";
import { readFrontMatter } from "../frontMatter.js";
import { helpers } from "../helperTable.js";
import { holeSettings } from "../holeSettings.js";
import { holesIn, type WrittenHole } from "../holes.js";
import { readMetadata } from "../metadata.js";
import { allCalls, calleeName } from "../walk.js";
import type { TextEdit } from "../edit.js";

export interface Portability {
  readonly level: "plain" | "portable" | "extended";
  readonly reason: string;
}

export function portability(file: PromptFile): Portability {
  const ours = allCalls(file.body.nodes)
    .map(calleeName)
    .find((name) => helpers.some((it) => it.ours === true && it.name === name));
  if (ours !== undefined)
    return {
      level: "extended",
      reason: `The body uses \`${ours}\`, which only Tiller renders. Make Portable can change that.`,
    };
  const key = Object.keys(file.frontMatter?.value ?? {}).find((it) => it.startsWith("tiller."));
  if (key !== undefined)
    return { level: "portable", reason: `The front matter has \`${key}\`; every Dotprompt runtime renders the body.` };
  return { level: "plain", reason: "Every Dotprompt runtime understands this file." };
}

/** Holes become sections, and what their short forms say goes to `tiller.gen`. Undefined where nothing is to be done. */
export function makePortable(file: PromptFile): readonly TextEdit[] | undefined {
  const short = holesIn(file.body.nodes).filter(({ span }) => !isSection(file, span.start));
  if (short.length === 0 || !isSound(file)) return undefined;
  const settings = holeSettings(readMetadata(file));
  const gen = { ...settings };
  for (const { name, settings: own } of short) gen[name] = { ...gen[name], ...own };
  const kept = Object.fromEntries(Object.entries(gen).filter(([, it]) => 0 < Object.keys(it).length));
  const edits = short.map(({ name, span }) => ({ span, text: `{{section "gen:${name}"}}` }));
  return 0 === Object.keys(kept).length ? edits : [...edits, withGen(file, kept)];
}

/** Sections that are holes become short forms, with what their settings say as far as a tag can say it. */
export function useShortForms(file: PromptFile): readonly TextEdit[] | undefined {
  const sections = holesIn(file.body.nodes).filter(({ span }) => isSection(file, span.start));
  if (sections.length === 0 || !isSound(file)) return undefined;
  const settings = holeSettings(readMetadata(file));
  const gen: Record<string, JsonObject> = { ...settings };
  const edits = sections.map((hole) => {
    const { text, left } = shortForm(hole, settings[hole.name] ?? {});
    gen[hole.name] = left;
    return { span: hole.span, text };
  });
  const kept = Object.fromEntries(Object.entries(gen).filter(([, it]) => 0 < Object.keys(it).length));
  return 0 === Object.keys(settings).length ? edits : [...edits, withGen(file, kept)];
}

function isSection({ text }: PromptFile, start: number): boolean {
  return /^\{\{\{?~?\s*section\b/.test(text.slice(start, start + 40));
}

/** A file with errors in its YAML is not rewritten: what it says is not known. */
function isSound({ frontMatter, body }: PromptFile): boolean {
  return body.complete && (frontMatter === undefined || frontMatter.document.errors.length === 0);
}

function shortForm({ name }: WrittenHole, settings: JsonObject): { readonly text: string; readonly left: JsonObject } {
  const left: Record<string, Json> = {};
  const words: string[] = [];
  const { choice, ...others } = settings;
  const options = Array.isArray(choice) ? (choice as readonly Json[]) : undefined;
  const isSelect = options?.every((it) => typeof it === "string" && literal(it) !== undefined) === true;
  if (isSelect) for (const it of options!) words.push(literal(it)!);
  else if (choice !== undefined) left["choice"] = choice;
  for (const [key, value] of Object.entries(others)) {
    const written = literal(value);
    if (written === undefined) left[key] = value;
    else words.push(`${key}=${written}`);
  }
  return { text: `{{${[isSelect ? "select" : "gen", `"${name}"`, ...words].join(" ")}}}`, left };
}

/** As a tag writes it; undefined for lists, objects, and texts that no quotes hold. */
function literal(value: Json): string | undefined {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value !== "string" || /[\n\\]/.test(value)) return undefined;
  if (!value.includes('"')) return `"${value}"`;
  return value.includes("'") ? undefined : `'${value}'`;
}

/** The front matter with this `tiller.gen`; without it when it is empty. Comments and the rest stay as they are. */
function withGen({ text, frontMatter }: PromptFile, gen: Readonly<Record<string, JsonObject>>): TextEdit {
  if (frontMatter === undefined) {
    const { document } = readFrontMatter("---\n---\n").frontMatter!;
    return { span: { start: 0, end: 0 }, text: `---\n${yamlWith(document, gen)}---\n` };
  }
  const { yamlSpan } = frontMatter;
  // Parsed anew: a document is changed in place, and this one belongs to the tree.
  const { document } = readFrontMatter(text).frontMatter!;
  return { span: yamlSpan, text: yamlWith(document, gen) };
}

function yamlWith(document: Document, gen: Readonly<Record<string, JsonObject>>): string {
  if (0 < Object.keys(gen).length) document.setIn(["tiller.gen"], document.createNode(gen));
  else document.deleteIn(["tiller.gen"]);
  const value = document.toJS() as Json;
  if (!isJsonObject(value) || Object.keys(value).length === 0) return "";
  return document.toString({ lineWidth: 0 });
}
