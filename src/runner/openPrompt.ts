/** A prompt, read and parsed with its partials: what both a run and a preview begin with. */

import { TillerError } from "../base/error.js";
import type { JsonObject } from "../base/json.js";
import { LineIndex } from "../base/text.js";
import type { PromptFile } from "../lang/ast.js";
import { readAdapters, type ReadAdapters } from "../lang/adapters.js";
import { readAttention } from "../lang/attention.js";
import { readBudget } from "../lang/budget.js";
import type { Diagnostic } from "../lang/diagnostic.js";
import { limitedHole } from "../lang/guide/applyGuide.js";
import type { Reading } from "../lang/guide/reading.js";
import type { PromptGuide } from "../lang/guide/promptGuide.js";
import { readGuide } from "../lang/guide/readGuide.js";
import type { HoleSpec } from "../lang/hole.js";
import { fileInputs } from "../lang/data/fileInputs.js";
import { pictureOf, type FindPicture, type MediaPart } from "../lang/data/pictures.js";
import { fitBudget } from "../lang/fitBudget.js";
import { checkInput, withDefaults } from "../lang/inputs.js";
import { finalHole } from "../lang/finalHole.js";
import { readMetadata, schemaDiagnostics, type Metadata } from "../lang/metadata.js";
import { parse } from "../lang/parser.js";
import { render } from "../lang/render.js";
import type { RenderedMessage, RenderRequest } from "../lang/rendered.js";
import { readShots } from "../lang/shots/readShots.js";
import { selectShots, type CountTokens, type SelectRequest, type ShotSelection } from "../lang/shots/selectShots.js";
import { readShotSelect } from "../lang/shots/shotSelect.js";
import type { Attention } from "../protocol/attention.js";
import type { ImageSource } from "../protocol/engine.js";
import type { PromptFiles } from "./promptFiles.js";

export interface OpenPrompt {
  readonly metadata: Metadata;
  /** The hole that the prompt ends with when it names none. */
  readonly finalHole: HoleSpec;
  /** What the file says of adapters. */
  readonly adapters: Pick<ReadAdapters, "adapters" | "routing">;
  /** What the file and the caller say of how the text is steered. */
  readonly guide: PromptGuide;
  /** What the file says of attention. */
  readonly attention: Attention | undefined;
  /**
   * Throws `prompt-invalid`. Partials and shots are read, selected and fitted to the budget once, so that they cannot change
   * between two holes. The reading is by default the one that is sent.
   */
  render(filled: Readonly<Record<string, string>>, values: JsonObject, reading?: Reading): readonly RenderedMessage[];
  /** What the engine is shown for a part of what was rendered. Throws `prompt-invalid` and `file-not-found`. */
  picture(part: MediaPart): ImageSource;
}

export interface OpenOptions {
  readonly path: string;
  /** The text, when it is not that on disk. */
  readonly text?: string | undefined;
  readonly input: JsonObject;
  readonly files: PromptFiles;
  /** As in `RunRequest`. */
  readonly guide?: JsonObject | undefined;
  /** Counts tokens for limits of shots and of the prompt. Left out: nothing is dropped. */
  readonly count?: CountTokens;
}

/** Throws `file-not-found`, `file-unreadable`, `prompt-invalid` and `input-invalid`. */
export function openPrompt({ path, text, input: given, files, guide: over, count }: OpenOptions): OpenPrompt {
  const source = text ?? files.read(path);
  const { file, diagnostics } = parse(source);
  const partials = rememberingReader((name) => files.partial(path, name));
  const refuse = (found: readonly Diagnostic[]) => refuseErrors(path, source, found, partials.source);
  refuse([...diagnostics, ...schemaDiagnostics(file)]);
  const metadata = readMetadata(file);
  const { input, problems } = fileInputs(file, given, (name, isGiven) => dataOf(files, path, name, isGiven));
  refuseWrongInput([...problems, ...checkInput(file, input)]);
  const { budget, diagnostics: wrongBudget } = readBudget(file);
  refuse(wrongBudget);
  const { diagnostics: wrongAdapters, ...adapters } = readAdapters(file);
  refuse(wrongAdapters);
  const { guide, diagnostics: wrongGuide } = readGuide(file, over);
  refuse(wrongGuide);
  const { diagnostics: wrongAttention, attention } = readAttention(file);
  refuse(wrongAttention);
  const shots = chooseShots(file, { input: withDefaults(metadata, input), count, refuse }, (name) =>
    files.shots(path, name),
  );
  const renderMessages = (request: RenderRequest) => {
    const result = render(file, request);
    partials.throwUnreadable();
    refuse(result.diagnostics);
    return result.messages;
  };
  const whole = { input, shots, partial: partials.source, ...(over && { guide: over }) };
  const request = count === undefined ? whole : fitBudget(whole, budget, count, renderMessages);
  return {
    metadata,
    adapters,
    attention,
    guide,
    finalHole: limitedHole(finalHole(metadata.output), guide.limits),
    render: (filled, values, reading = "wanted") => renderMessages({ ...request, filled, values, reading }),
    picture: (part) => sourceOf(part, given, (name, isGiven) => files.picture(path, name, isGiven)),
  };
}

interface Choosing extends Pick<SelectRequest, "input" | "count"> {
  readonly refuse: (found: readonly Diagnostic[]) => void;
}

function chooseShots(
  file: PromptFile,
  { refuse, ...given }: Choosing,
  read: (name: string) => string | undefined,
): ShotSelection {
  const reader = rememberingReader(read);
  const { shots, diagnostics } = readShots(file, reader.source);
  reader.throwUnreadable();
  const { select, diagnostics: wrongSelect } = readShotSelect(file);
  refuse([...diagnostics, ...wrongSelect]);
  return selectShots({ shots, select, ...given });
}

/** The language must not be thrown at, so what cannot be read is remembered until it is done. */
function rememberingReader(read: (name: string) => string | undefined) {
  const known = new Map<string, string | undefined>();
  let unreadable: TillerError | undefined;
  return {
    source(name: string): string | undefined {
      if (known.has(name)) return known.get(name);
      let text: string | undefined;
      try {
        text = read(name);
      } catch (error) {
        if (!(error instanceof TillerError)) throw error;
        unreadable ??= error;
      }
      known.set(name, text);
      return text;
    },
    throwUnreadable() {
      if (unreadable !== undefined) throw unreadable;
    },
  };
}

function refuseErrors(
  path: string,
  text: string,
  diagnostics: readonly Diagnostic[],
  partial: (name: string) => string | undefined,
): void {
  const errors = diagnostics.filter((it) => it.severity === "error");
  if (errors.length === 0) return;
  const lines = errors.map((it) => {
    const { line, column } = new LineIndex(it.partial === undefined ? text : (partial(it.partial) ?? "")).position(
      it.span.start,
    );
    const where = it.partial === undefined ? path : `partial "${it.partial}"`;
    return `${where}:${line + 1}:${column + 1}: ${it.message}`;
  });
  throw new TillerError("prompt-invalid", `The prompt has errors, so nothing was sent.\n${lines.join("\n")}`);
}

/** What is wrong with a file is said with the inputs, not thrown. */
function dataOf(files: PromptFiles, path: string, name: string, isGiven: boolean) {
  try {
    const text = files.data(path, name, isGiven);
    return text === undefined ? undefined : { text };
  } catch (error) {
    if (error instanceof TillerError) return { problem: error.message.replace(/\.$/, "") };
    throw error;
  }
}

function sourceOf(part: MediaPart, given: JsonObject, find: FindPicture): ImageSource {
  const picture = pictureOf(part, given, find);
  switch (picture.kind) {
    case "bytes":
      return { base64: picture.base64 };
    case "file":
      return { path: picture.path };
    case "missing":
      throw new TillerError("file-not-found", picture.problem);
    case "wrong":
      throw new TillerError("prompt-invalid", picture.problem);
    default:
      return picture satisfies never;
  }
}

function refuseWrongInput(problems: readonly string[]): void {
  if (problems.length === 0) return;
  throw new TillerError("input-invalid", `The input does not fit the prompt: ${problems.join("; ")}.`);
}
