/** What a preview knows: the prompt's content, and what a run has written into it. Plain data, changed by what happens. */

import { count } from "../../base/count.js";
import { isJsonObject, type Json } from "../../base/json.js";
import type { ImageTokens, TokenEvent } from "../../protocol/engine.js";
import type { PreviewContent } from "../../protocol/language.js";
import type {
  PreviewBudget,
  PreviewGuided,
  PreviewHole,
  PreviewMedia,
  PreviewMessage,
  PreviewRun,
  PreviewState,
  PreviewTab,
  PreviewToken,
  PreviewTokenHole,
} from "../../protocol/preview.js";
import type { FilledHole, RunEvent, RunResult } from "../../protocol/run.js";

export interface PreviewData {
  readonly title: string;
  readonly pinned: boolean;
  readonly tab: PreviewTab;
  readonly content: PreviewContent | undefined;
  readonly budget: PreviewBudget | undefined;
  readonly pictures: PreviewPictures;
  readonly run: PreviewRun;
  readonly holes: Readonly<Record<string, HoleState>>;
  readonly tokens: readonly WrittenHole[];
  readonly output: Json | undefined;
  readonly guided: readonly PreviewGuided[];
}

/** What is known of how the model reads the prompt's pictures. */
export type PreviewPictures =
  | { readonly kind: "unknown" }
  | { readonly kind: "counted"; readonly tokens: readonly ImageTokens[] }
  /** The model, by its name, reads text only. */
  | { readonly kind: "text-only"; readonly model: string };

type HoleState = Pick<PreviewHole, "text" | "state" | "legalMass">;

/** With the ids, which the page does not need. */
interface WrittenHole extends PreviewTokenHole {
  readonly ids: readonly number[];
}

export function startPreview(title: string): PreviewData {
  return {
    title,
    pinned: false,
    tab: "messages",
    content: undefined,
    budget: undefined,
    pictures: { kind: "unknown" },
    run: { kind: "idle" },
    holes: {},
    tokens: [],
    output: undefined,
    guided: [],
  };
}

const empty: PreviewContent = {
  portability: { level: "plain", reason: "" },
  tests: [],
  testRepeats: [],
  leastRepeats: 1,
  test: undefined,
  inputs: [],
  problems: [],
  messages: [],
  values: {},
  reserve: 0,
  compare: undefined,
  guide: undefined,
  adapters: [],
};

/** `srcOf`: where the page finds a file; undefined for one that it must not show. */
export function stateOf(
  data: PreviewData,
  version: number,
  srcOf: (path: string) => string | undefined = () => undefined,
): PreviewState {
  const { title, pinned, tab, budget, run, output, guided, holes } = data;
  const {
    values: _values,
    reserve: _reserve,
    compare: _compare,
    guide: _guide,
    adapters: _adapters,
    ...content
  } = data.content ?? empty;
  const messages = withPictures(content.messages, data.pictures, srcOf).map((it) => withHoles(it, holes));
  const tokens = data.tokens.map(({ ids: _ids, ...shown }) => shown);
  return { version, title, pinned, tab, budget, run, output, guided, tokens, ...content, messages };
}

function withHoles(message: PreviewMessage, holes: PreviewData["holes"]): PreviewMessage {
  return { ...message, parts: message.parts.map((it) => (it.kind === "hole" ? { ...it, ...holes[it.name] } : it)) };
}

function withPictures(
  messages: readonly PreviewMessage[],
  pictures: PreviewPictures,
  srcOf: (path: string) => string | undefined,
): readonly PreviewMessage[] {
  let seen = 0;
  const shown = (part: PreviewMedia): PreviewMedia => {
    const { picture } = part;
    if (picture.kind === "problem") return part;
    if (pictures.kind === "text-only") {
      const problem = `${pictures.model} reads text only. Choose a model with a vision part (an mmproj file beside it).`;
      return { ...part, picture: { kind: "problem", problem } };
    }
    const src = picture.kind === "file" ? srcOf(picture.path) : `data:image/png;base64,${picture.base64}`;
    const tokens = pictures.kind === "counted" ? pictures.tokens[seen++] : undefined;
    return { ...part, ...(src !== undefined && { src }), ...(tokens && { tokens }) };
  };
  return messages.map((message) =>
    message.parts.some((it) => it.kind === "media")
      ? { ...message, parts: message.parts.map((it) => (it.kind === "media" ? shown(it) : it)) }
      : message,
  );
}

// ------------------------------------------------------------------------------------------------ a run

export function withStart(data: PreviewData, model: string): PreviewData {
  return {
    ...data,
    run: { kind: "loading", model, fraction: 0 },
    holes: {},
    tokens: [],
    output: undefined,
    guided: [],
  };
}

export function withEvent(data: PreviewData, event: RunEvent): PreviewData {
  switch (event.type) {
    case "loading":
      return data.run.kind === "loading" ? { ...data, run: { ...data.run, fraction: event.fraction } } : data;
    case "prefill":
      return { ...data, run: { kind: "reading", done: event.done, total: event.total } };
    case "hole":
      return withHole(data, event.name, { text: "", state: "writing", legalMass: undefined });
    case "text": {
      const text = (data.holes[event.name]?.text ?? "") + event.text;
      return {
        ...withHole(data, event.name, { text, state: "writing", legalMass: undefined }),
        run: { kind: "writing", hole: event.name },
      };
    }
    case "token":
      return { ...data, tokens: withToken(data.tokens, event.name, event) };
    case "filled":
      return withFilled({ ...data, tokens: withSeen(data.tokens, event.hole) }, event.hole);
    case "rendered":
    case "candidate":
      return data;
    case "failed":
      return { ...data, tokens: data.tokens.filter((it) => it.hole !== event.name) };
    default:
      return event satisfies never;
  }
}

function withHole(data: PreviewData, name: string, state: HoleState): PreviewData {
  return { ...data, holes: { ...data.holes, [name]: state } };
}

function withFilled(data: PreviewData, hole: FilledHole): PreviewData {
  const { name, presets = [], candidates = [], usage } = hole;
  const isGuided = 0 < presets.length + candidates.length;
  return {
    ...withHole(data, name, filledState(hole)),
    guided: isGuided ? [...data.guided, { hole: name, presets, candidates }] : data.guided,
    tokens: data.tokens.map((it) => (it.hole === name ? withMasks(it, usage.constraint?.legalMass ?? []) : it)),
  };
}

/** `masses` has one for each token that the model was asked for; of a text that was begun by other tokens it has fewer. */
function withMasks(hole: WrittenHole, masses: readonly number[]): WrittenHole {
  const asked = hole.tokens.filter((it) => it.probability !== undefined);
  if (asked.length !== masses.length) return hole;
  const massOf = new Map(asked.map((it, i) => [it, masses[i]]));
  return { ...hole, tokens: hole.tokens.map((it) => ({ ...it, legalMass: massOf.get(it) })) };
}

function filledState({ text, finish, usage }: FilledHole): HoleState {
  const mass = usage.constraint?.legalMass ?? [];
  const sum = mass.reduce((total, it) => total + it, 0);
  return {
    text,
    state: finish === "stop" ? "filled" : "cut",
    legalMass: mass.length === 0 ? undefined : { mean: sum / mass.length, lowest: Math.min(...mass) },
  };
}

function withSeen(holes: readonly WrittenHole[], { name, usage }: FilledHole): readonly WrittenHole[] {
  const { attention, promptTokens } = usage;
  if (attention === undefined) return holes;
  const seen = { pattern: attention.pattern, promptTokens, ranges: attention.attended };
  return holes.map((it) => (it.hole === name ? { ...it, seen } : it));
}

function withToken(
  holes: readonly WrittenHole[],
  name: string,
  { token, top, changed = false }: TokenEvent,
): readonly WrittenHole[] {
  const last = holes.at(-1);
  const open = last?.hole === name ? last : { hole: name, tokens: [], ids: [] };
  const shown: PreviewToken = {
    text: token.token,
    probability: token.logprob === undefined ? undefined : Math.exp(token.logprob),
    changed,
    legalMass: undefined,
    alternatives: top.map((it) => ({
      id: it.id,
      text: it.token,
      probability: Math.exp(it.logprob),
      unguided: it.unguided === undefined ? undefined : Math.exp(it.unguided),
      removed: it.removed,
      chosen: it.id === token.id,
    })),
  };
  const grown = { hole: name, tokens: [...open.tokens, shown], ids: [...open.ids, token.id] };
  return [...(last?.hole === name ? holes.slice(0, -1) : holes), grown];
}

export function withResult(data: PreviewData, result: RunResult): PreviewData {
  if (result.finish === "cancelled") return { ...data, run: { kind: "stopped" } };
  const tokens = result.holes.reduce((sum, it) => sum + it.usage.completionTokens, 0);
  const ms = result.holes.reduce((sum, it) => sum + it.usage.decodeMs, 0);
  const rate = 1 < tokens && 0 < ms ? `, ${Math.round((tokens * 1000) / ms)} tokens/s` : "";
  return {
    ...data,
    run: {
      kind: "done",
      summary: count(tokens, "token") + rate,
      cut: result.finish === "length",
    },
    output: isJsonObject(result.output) && Object.keys(result.output).length === 0 ? undefined : result.output,
  };
}

export function withFailure(data: PreviewData, message: string): PreviewData {
  return { ...data, run: { kind: "failed", message } };
}

/** The tokens that a hole begins with when its token at `position` is to be the alternative with this id. */
export function beginWith(data: PreviewData, hole: string, position: number, alternative: number): readonly number[] {
  const ids = data.tokens.find((it) => it.hole === hole)?.ids ?? [];
  return [...ids.slice(0, position), alternative];
}
