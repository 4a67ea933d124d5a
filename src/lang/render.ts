/**
 * A prompt and its inputs -> the messages that are sent. Rendering never throws: what goes wrong is a diagnostic, and with an
 * error among them the messages must not be sent.
 */

import Handlebars from "handlebars";

import { isJsonObject, type JsonObject } from "../base/json.js";
import { LineIndex, span, type Position, type Span } from "../base/text.js";
import type { PromptFile, TemplatePiece } from "./ast.js";
import { partialOf, templateOf } from "./compiledTemplate.js";
import type { Diagnostic } from "./diagnostic.js";
import { inert } from "./inert.js";
import { withDefaults } from "./inputs.js";
import { hasEmphasis, registerEmphasize } from "./emphasizeHelper.js";
import { applyGuide } from "./guide/applyGuide.js";
import { readGuide } from "./guide/readGuide.js";
import { registerKeep } from "./keepHelper.js";
import { createMarker, textsOf } from "./markers.js";
import { assembleMessages } from "./messages.js";
import { readMetadata } from "./metadata.js";
import { loadPartials, type LoadedPartial } from "./partials.js";
import type { RenderRequest, RenderResult } from "./rendered.js";
import { locationOf, registerHelpers } from "./renderHelpers.js";
import { registerShots } from "./shots/shotsHelper.js";
import { hasShots } from "./shots/readShots.js";
import { noShots } from "./shots/selectShots.js";
import { placesShots, shotTurns } from "./shots/turns.js";
import { createTemplateCache } from "./templateCache.js";
import { unknownHelpers } from "./unknownHelpers.js";

/** Partials that call each other deeper than this, or loops that turn more often, are taken for endless. */
const DEEPEST_PARTIAL = 100;
const MOST_STEPS = 1_000_000;
const LONGEST_TEXT = 20_000_000;

export function render(file: PromptFile, request: RenderRequest): RenderResult {
  if (!file.body.complete) return { messages: [], diagnostics: [notRenderable(file)] };
  const templates = request.templates ?? createTemplateCache();
  const { partials, diagnostics: found } = loadPartials(
    file.body.nodes,
    request.partial ?? (() => undefined),
    templates,
  );
  const diagnostics: Diagnostic[] = [...found, ...unknownHelpers(file.body.nodes)];
  for (const { name, nodes } of partials)
    diagnostics.push(...unknownHelpers(nodes).map((it) => ({ ...it, partial: name })));
  if (found.some((it) => it.code === "circular-partial")) return { messages: [], diagnostics };
  const messages = renderWith(file, request, partials, diagnostics);
  return { messages, diagnostics };
}

function renderWith(
  file: PromptFile,
  request: RenderRequest,
  partials: readonly LoadedPartial[],
  diagnostics: Diagnostic[],
): RenderResult["messages"] {
  const metadata = readMetadata(file);
  const { guide } = readGuide(file, request.guide);
  const { reading = "wanted" } = request;
  const left = reading === "otherwise" && guide.emphasize !== "instructions" ? (guide.emphasize ?? []) : [];
  const input = { ...withDefaults(metadata, request.input ?? {}), ...emptied(left) };
  const values = { ...request.filled, ...request.values };
  const sources = [file.text, ...partials.map((it) => it.text)];
  const shots = request.shots ?? noShots;
  const given = shots.shots.flatMap(({ shot }) => [shot.input, shot.output]);
  const marker = createMarker([
    ...sources,
    ...[input, request.context, values, given].flatMap((it) => [...textsOf(it)]),
  ]);
  if (marker === undefined) {
    const message =
      "the prompt and its values use every character that could mark a role; remove private-use characters";
    diagnostics.push({ code: "no-marker-left", severity: "error", span: span(0, 0), message });
    return [];
  }
  const gen = metadata.ext["tiller"]?.["gen"];
  const env = Handlebars.create();
  let current: TemplatePiece | undefined;
  const place = placesIn(file);
  const spanOf = (options: Handlebars.HelperOptions) => callSpan(file, place, current, options);
  registerHelpers(env, { marker, gen: isJsonObject(gen) ? gen : {}, diagnostics, spanOf });
  registerKeep(env, { marker, diagnostics, spanOf, dropUpTo: request.dropUpTo });
  registerEmphasize(env, { marker, reading });
  const step = stepLimit();
  // Elsewhere `shots` is a variable like any other.
  if (hasShots(file)) registerShots(env, { marker, shots, step });
  try {
    limit(env, partials, step);
    const run = templateOf(env, file.body.pieces ?? [], (it) => (current = it));
    const data = { ...(inert(request.context ?? {}) as object), gen: inert(values) };
    const text = run(inert(input), { data });
    if (LONGEST_TEXT < text.length)
      throw new Endless(`the rendered prompt has more than ${LONGEST_TEXT / 1e6} million characters`);
    const trees = [file.body.nodes, ...partials.map((it) => it.nodes)];
    const turns = {
      history: request.history ?? [],
      shots: shotTurns(shots),
      insertsShots: 0 < shots.shots.length && !trees.some(placesShots),
    };
    const messages = assembleMessages(marker.split(text), turns, request.filled ?? {});
    const isMarked = Array.isArray(guide.emphasize) || trees.some(hasEmphasis);
    return applyGuide(messages, { guide, reading, isMarked });
  } catch (error) {
    diagnostics.push(renderFailed(file, error, place, current));
    return [];
  }
}

/** Variables that the second reading does not know: to a template they are as good as not given. */
function emptied(names: readonly string[]): JsonObject {
  return Object.fromEntries(names.map((it) => [it, ""]));
}

class Endless extends Error {}

/** To be called with each turn of whatever could go on for ever: gives up on it. */
function stepLimit(): () => void {
  let steps = 0;
  return () => {
    if (MOST_STEPS < ++steps) throw new Endless(`loops and partials take more than ${MOST_STEPS} steps`);
  };
}

function limit(env: typeof Handlebars, partials: readonly LoadedPartial[], step: () => void): void {
  let depth = 0;
  for (const { name, pieces } of partials) {
    const compiled = partialOf(pieces);
    env.registerPartial(name, (context: unknown, options?: Handlebars.RuntimeOptions) => {
      step();
      if (DEEPEST_PARTIAL < ++depth) throw new Endless(`partial "${name}" comes back to itself without an end`);
      try {
        return compiled(context, options);
      } finally {
        depth--;
      }
    });
  }
  const each = env.helpers["each"] as Handlebars.HelperDelegate;
  env.registerHelper("each", function (this: unknown, list: unknown, options: Handlebars.HelperOptions) {
    const fn: Handlebars.TemplateDelegate = (context, inner) => {
      step();
      return options.fn(context, inner);
    };
    return each.call(this, list, { ...options, fn }) as unknown;
  });
}

/** Within a partial it is a place near the call. */
function callSpan(
  file: PromptFile,
  place: PlaceIn,
  piece: TemplatePiece | undefined,
  options: Handlebars.HelperOptions,
): Span {
  const location = locationOf(options);
  if (location === undefined || piece === undefined) return span(file.body.span.start, file.body.span.start);
  const start = place(piece, location);
  const close = file.text.indexOf("}}", start);
  return span(start, close < 0 ? file.body.span.end : close + 2);
}

/** The offset in the file of a position in a piece. */
type PlaceIn = (piece: TemplatePiece, position: Position) => number;

function placesIn({ text }: PromptFile): PlaceIn {
  const lines = new Map<TemplatePiece, LineIndex>();
  return (piece, position) => {
    const { start, end } = piece.span;
    const known = lines.get(piece) ?? new LineIndex(text.slice(start, end));
    lines.set(piece, known);
    return start + known.offset(position);
  };
}

function renderFailed(file: PromptFile, error: unknown, place: PlaceIn, piece: TemplatePiece | undefined): Diagnostic {
  const { lineNumber, column, message } = error as { lineNumber?: number; column?: number; message?: string };
  const start =
    lineNumber === undefined || piece === undefined
      ? file.body.span.start
      : place(piece, { line: lineNumber - 1, column: column ?? 0 });
  const reason =
    error instanceof RangeError ? "it nests too deeply" : (message ?? String(error)).replace(/ - \d+:\d+$/, "");
  return {
    code: "render-failed",
    severity: "error",
    span: span(start, Math.max(start, place === undefined ? file.body.span.end : start + 1)),
    message: `the prompt cannot be rendered: ${reason}`,
  };
}

function notRenderable({ body, dialect }: PromptFile): Diagnostic {
  const what =
    dialect.kind === "other" ? `this is not a Dotprompt file (${dialect.name})` : "the template is not well formed";
  return {
    code: "not-renderable",
    severity: "error",
    span: body.span,
    message: `the prompt cannot be rendered: ${what}`,
  };
}
