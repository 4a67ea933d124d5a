/** What the page is told of a comparison. While a pair is voted on blind, nothing here says which variant is which. */

import { fileName } from "../../compare/variantKey.js";
import { wordDiff } from "../../compare/wordDiff.js";
import type { CellPlace, FinishedCell, RatedVariant, Ratings } from "../../protocol/compare.js";
import type {
  CardCheck,
  CardMetrics,
  CardPart,
  CardView,
  CompareResultsView,
  CompareRunView,
  CompareSetupView,
  CompareViewState,
  HistoryItem,
  InputKind,
  JudgesView,
  StandingsView,
  TableView,
  VoteView,
} from "../../protocol/compareView.js";
import { seedCount } from "../../protocol/cellPlace.js";
import { isOutside } from "../../protocol/outside.js";
import { changesView } from "./changes.js";
import { cellAt, textOf, type CompareData, type ShownCell, type ShownResult } from "./compareData.js";
import { inputCount, inputKind, textCount } from "./inputChoice.js";
import { judgedText, measuresOf } from "./measures.js";
import { labelOf, letterOf, whatOf } from "./setup.js";
import { currentPair, openPairs, pairKey } from "./voting.js";

/** `today` tells how times are written. */
export function viewState(data: CompareData, version: number, today: Date): CompareViewState {
  return {
    version,
    prompt: data.title,
    setup: setupOf(data),
    run: runOf(data, today),
    results: data.result && resultsOf(data, data.result),
    measures: measuresOf(data),
    standings: standingsOf(data),
    history: historyOf(data, today),
    changes: data.changes && changesView(data.changes, (it) => timeText(it, today)),
    notice: data.notice,
  };
}

// ------------------------------------------------------------------------------------------------ setup and run

function setupOf(data: CompareData): CompareSetupView {
  const { setup, content, models, adapters, versions, isOwnForm } = data;
  const { variants, baseline, repeats, firstSeed, isOpen, editing } = setup;
  const kind = inputKind(data);
  const count = inputCount(data);
  const texts = textCount(data);
  return {
    isOpen,
    editing,
    models: withOutside(models, variants),
    adapters,
    prompts: [{ value: "", label: "This file" }, ...versions],
    inputs: kind,
    inputCount: count,
    tests: content?.tests ?? [],
    test: kind === "test" ? setup.test : undefined,
    table: tableOf(data),
    form: content?.inputs ?? [],
    isOwnForm,
    judges: judgesOf(data, kind),
    repeats,
    firstSeed,
    variants: variants.map((it, i) => ({
      ...it,
      letter: letterOf(i),
      label: labelOf(it),
      what: whatOf(it),
      isBaseline: it.id === baseline,
      problem:
        it.prompt === "" || versions.some(({ value }) => value === it.prompt)
          ? undefined
          : `There is no ${fileName(it.prompt)} beside the prompt. Choose another version.`,
    })),
    total: texts === undefined ? undefined : texts * variants.length,
    problem: problemOf(data, kind),
  };
}

/** Models of other extensions can be chosen again where a variant has them, and in no other place. */
function withOutside(models: CompareData["models"], variants: CompareData["setup"]["variants"]): CompareData["models"] {
  const paths = [...new Set(variants.map((it) => it.model).filter(isOutside))];
  return [...models, ...paths.map((value) => ({ value, label: `${fileName(value)} (leaves this machine)` }))];
}

function judgesOf({ setup, judge }: CompareData, kind: InputKind): JudgesView {
  const { judge: path, judgeModel, likelihood, reference } = setup;
  return {
    prompt: path === undefined ? undefined : fileName(path),
    problem:
      path !== undefined && judge?.path === path && judge.problem !== undefined
        ? `${fileName(path)} cannot judge: ${judge.problem}.`
        : undefined,
    model: judgeModel,
    likelihood,
    reference: kind === "values" ? reference : undefined,
  };
}

function tableOf({ setup: { rows }, table }: CompareData): TableView | undefined {
  if (rows === undefined) return undefined;
  return { name: fileName(rows), rows: table?.path === rows ? table.rows : undefined };
}

/** Why nothing can be run as it is set up; undefined where it can. */
export function runProblem(data: CompareData): string | undefined {
  return problemOf(data, inputKind(data));
}

function problemOf({ title, content, table }: CompareData, kind: InputKind): string | undefined {
  if (title === undefined) return "Choose a prompt first.";
  if (kind === "rows" && table?.problem !== undefined)
    return `${fileName(table.path)} cannot be read: ${table.problem}. Choose another table, or mend it.`;
  const error = content?.problems.find((it) => it.severity === "error" && (kind === "values" || it.line !== undefined));
  return error && `The prompt cannot be run: ${error.message}`;
}

function runOf({ run }: CompareData, today: Date): CompareRunView {
  switch (run.kind) {
    case "idle":
    case "failed":
      return run;
    case "running":
      return { kind: "running", ...run.progress, waiting: run.waiting };
    case "done":
      return { ...run, time: timeText(run.time, today) };
    default:
      return run satisfies never;
  }
}

/** `today, 14:02` or `3 May, 14:02`. */
export function timeText(iso: string, today: Date): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return "";
  const clock = time.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const isToday = time.toDateString() === today.toDateString();
  return `${isToday ? "today" : time.toLocaleDateString("en-GB", { day: "numeric", month: "short" })}, ${clock}`;
}

// ------------------------------------------------------------------------------------------------ outputs

function resultsOf(data: CompareData, result: ShownResult): CompareResultsView {
  const { diff, blind } = data;
  const { voting } = data;
  const pair = blind ? currentPair(data) : undefined;
  const at = pair === undefined ? data.at : { input: pair.left.input, repeat: pair.left.repeat };
  const input = result.inputs[at.input];
  return {
    input: {
      name: input?.name ?? "",
      index: at.input,
      count: result.inputs.length,
      text: input === undefined ? "" : shortText(input.values),
    },
    seed: { value: result.seeds[at.repeat] ?? 0, index: at.repeat, count: seedCount(result, at.input) },
    diff,
    blind,
    cards:
      pair === undefined
        ? blind && 0 < Object.keys(result.cells).length && data.run.kind !== "running"
          ? plainCards(data, result, at)
          : blind
            ? []
            : plainCards(data, result, at)
        : [blindCard(data, result, pair.left, "L"), blindCard(data, result, pair.right, "R")],
    vote: voteOf(data, result, voting.isSaving),
  };
}

const MOST_TEXT = 200;

function shortText(values: object): string {
  const text = Object.values(values)
    .map((it) => (typeof it === "string" ? it : JSON.stringify(it)))
    .join(" ");
  return text.slice(0, MOST_TEXT);
}

function plainCards(data: CompareData, result: ShownResult, at: CompareData["at"]): readonly CardView[] {
  const baseline = result.variants.some((it) => it.id === data.setup.baseline)
    ? data.setup.baseline
    : result.variants[0]?.id;
  const last = data.voting.isRevealed ? data.voting.votes.at(-1) : undefined;
  const first = baseline === undefined ? undefined : cellAt(result, { variant: baseline, ...at });
  return result.variants.map(({ id, label }, i): CardView => {
    const cell = cellAt(result, { variant: id, ...at });
    const isBaseline = id === baseline;
    const against = data.diff && !isBaseline ? first : undefined;
    return {
      ...withJudged(cardOf(cell, data.run.kind === "running", against), result, { variant: id, ...at }),
      id,
      letter: letterOf(i),
      title: label,
      isBaseline,
      isChosen: last !== undefined && chosenSide(last)?.variant === id && isSame(last.pair.left, at),
    };
  });
}

function isSame(place: CellPlace, at: CompareData["at"]): boolean {
  return place.input === at.input && place.repeat === at.repeat;
}

/** Before the vote the text alone; after it everything. */
function blindCard(data: CompareData, result: ShownResult, place: CellPlace, letter: "L" | "R"): CardView {
  const index = result.variants.findIndex((it) => it.id === place.variant);
  const side = letter === "L" ? "Left" : "Right";
  const cell = cellAt(result, place);
  if (!data.voting.isRevealed)
    return {
      id: letter,
      letter,
      title: side,
      isBaseline: false,
      state: "finished",
      parts: cell === undefined ? [] : partsOf(cell),
      metrics: undefined,
      checks: [],
      problem: undefined,
      isChosen: false,
    };
  const last = data.voting.votes.at(-1);
  return {
    ...withJudged(cardOf(cell, false, undefined), result, place),
    id: place.variant,
    letter: letterOf(index),
    title: `${side} was ${result.variants[index]?.label ?? place.variant}`,
    isBaseline: false,
    isChosen: last !== undefined && chosenSide(last)?.variant === place.variant,
  };
}

function chosenSide({ pair, choice }: CompareData["voting"]["votes"][number]): CellPlace | undefined {
  return choice === "left" ? pair.left : choice === "right" ? pair.right : undefined;
}

type Shown = Pick<CardView, "state" | "parts" | "metrics" | "checks" | "problem">;

function cardOf(cell: ShownCell | undefined, isRunning: boolean, against: ShownCell | undefined): Shown {
  const nothing = { metrics: undefined, checks: [], problem: undefined };
  if (cell === undefined) return { ...nothing, state: isRunning ? "waiting" : "stopped", parts: [] };
  // A text that is not there was not taken out of the baseline's.
  const isWhole = cell.status === "finished" || cell.status === "stopped";
  const parts = against === undefined || !isWhole ? partsOf(cell) : diffParts(against, cell);
  switch (cell.status) {
    case "writing":
    case "stopped":
      return { ...nothing, state: cell.status, parts };
    case "failed":
      return { ...nothing, state: "failed", parts, problem: cell.message };
    case "finished":
      return { state: "finished", parts, metrics: metricsOf(cell), checks: checksOf(cell), problem: undefined };
    default:
      return cell satisfies never;
  }
}

function withJudged(card: Shown, result: ShownResult, place: CellPlace): Shown {
  const text = card.metrics && judgedText(result, place);
  if (card.metrics === undefined || text === undefined) return card;
  return { ...card, metrics: { ...card.metrics, others: [...card.metrics.others, text] } };
}

function partsOf({ output }: ShownCell): readonly CardPart[] {
  return output.map(({ text, hole }) => ({ kind: hole === undefined ? "file" : "model", text }));
}

function diffParts(against: ShownCell, cell: ShownCell): readonly CardPart[] {
  const kinds = { same: "model", added: "added", removed: "removed" } as const;
  return wordDiff(textOf(against), textOf(cell)).map(({ kind, text }) => ({ kind: kinds[kind], text }));
}

function metricsOf({ metrics, finish }: FinishedCell): CardMetrics {
  const { tokens, tokensPerSecond, firstTokenMs, legalMass, distance, likelihood } = metrics;
  return {
    tokens,
    tokensPerSecond,
    firstTokenMs,
    others: [
      ...(finish === "length" ? ["cut off at the limit"] : []),
      ...(legalMass === undefined ? [] : [`legal mass ${Math.round(legalMass * 100)} %`]),
      ...(distance === undefined ? [] : [`distance to the reference ${distance.toFixed(2)}`]),
      ...(likelihood === undefined ? [] : [`log-likelihood ${likelihood.toFixed(2)} a token`]),
    ],
  };
}

function checksOf({ validity, tests, presets }: FinishedCell): readonly CardCheck[] {
  const { valid, holes, problems } = validity;
  const checks: CardCheck[] = [];
  if (0 < holes)
    checks.push({
      ok: valid === holes,
      text:
        valid === holes
          ? `${valid} of ${holes} ${holes === 1 ? "hole" : "holes"} valid`
          : problems.map((it) => `${it.hole}: ${it.problem} (level: check)`).join("; "),
      details: problems.map((it) => `${it.hole}: ${it.problem}`).join("\n"),
    });
  const verdicts = (all: readonly { readonly passed: boolean }[], what: string, details: string) => {
    const failed = all.filter((it) => !it.passed).length;
    if (all.length === 0) return;
    const text = failed === 0 ? `${all.length} of ${all.length} ${what}` : `${failed} of ${all.length} ${what} failed`;
    checks.push({ ok: failed === 0, text, details });
  };
  verdicts(tests, "tests", tests.map((it) => `${it.name}: ${it.result}`).join("\n"));
  verdicts(presets, "presets", presets.map((it) => `${it.control} ${it.target}: ${it.result}`).join("\n"));
  return checks;
}

// ------------------------------------------------------------------------------------------------ votes

function voteOf(data: CompareData, result: ShownResult, isSaving: boolean): VoteView | undefined {
  const { voting, blind } = data;
  if (isSaving) return { kind: "saving" };
  const open = openPairs(data);
  const last = voting.votes.at(-1);
  const nameOf = (place: CellPlace) => {
    const index = result.variants.findIndex((it) => it.id === place.variant);
    return { letter: letterOf(index), label: result.variants[index]?.label ?? place.variant };
  };
  if (voting.isRevealed && last !== undefined) {
    const side = chosenSide(last);
    const named = side && nameOf(side);
    const text =
      named !== undefined
        ? `You chose ${named.letter}, ${named.label}`
        : last.choice === "tie"
          ? "You saw no difference"
          : "You found both bad";
    return { kind: "voted", text, left: open.length };
  }
  const pair = currentPair(data);
  const canUndo = last !== undefined;
  if (pair === undefined) {
    const isRunning = data.run.kind === "running";
    if (Object.keys(result.cells).length === 0 || (isRunning && !blind && !canUndo)) return undefined;
    const reason =
      isRunning && blind
        ? "Votes begin when two outputs are finished."
        : 0 < open.length
          ? "These outputs were voted on. Go on to the next pair with Enter, or to another input with J and K."
          : canUndo
            ? "All pairs were voted on."
            : "There are no two different outputs to choose from.";
    return { kind: "none", reason, canUndo };
  }
  const { left, right } = pair;
  const total = open.length + new Set(voting.votes.map((it) => pairKey(it.pair))).size;
  const votes = data.ratings?.votes ?? 0;
  return {
    kind: "open",
    left: blind ? "Left" : nameOf(left).letter,
    right: blind ? "Right" : nameOf(right).letter,
    blind,
    canSwap: !blind && 2 < result.variants.length,
    count: blind ? `${open.length} of ${total} pairs left` : `${votes} ${votes === 1 ? "vote" : "votes"}`,
  };
}

// ------------------------------------------------------------------------------------------------ standings and history

/** Nothing while a blind pair is open: letters beside ratings would tell who tends to win. */
function standingsOf(data: CompareData): StandingsView | undefined {
  const { ratings, result } = data;
  if (ratings === undefined || ratings.votes === 0) return undefined;
  if (data.blind && !data.voting.isRevealed && currentPair(data) !== undefined) return undefined;
  const letters = new Map(result?.variants.map((it, i) => [it.key, letterOf(i)]));
  const ids = new Map(result?.variants.map((it) => [it.key, it.id]));
  const bounds = ratings.variants.flatMap((it) => it.interval).filter(Number.isFinite);
  return {
    votes: ratings.votes,
    ties: ratings.ties,
    from: Math.min(900, ...bounds),
    to: Math.max(1100, ...bounds),
    rows: ratings.variants.map(({ key, label, rating, interval, wins, losses, ties }) => ({
      key,
      letter: letters.get(key) ?? "",
      label,
      rating,
      interval,
      wins,
      losses,
      ties,
    })),
    open: openTexts(ratings, (it) => letters.get(it)).map(({ text, a, b }) => ({
      text,
      left: ids.get(a) ?? "",
      right: ids.get(b) ?? "",
    })),
    warnings: [
      ...(ratings.position?.matters === true
        ? ["Where an output was shown changed the votes. Votes in blind mode even this out."]
        : []),
      ...(0 < ratings.separated.length
        ? ["Some variants won every vote against others: that they are better is known, by how much is not."]
        : []),
      ...(1 < ratings.groups.length
        ? ["Some variants were never compared with the others, not even through a third."]
        : []),
      ...ratings.warnings,
    ],
  };
}

const MOST_OPEN = 3;

function openTexts(ratings: Ratings, letterOfKey: (key: string) => string | undefined) {
  const labels = new Map(ratings.variants.map((it: RatedVariant) => [it.key, it.label]));
  const name = (key: string) => letterOfKey(key) ?? labels.get(key) ?? key;
  return ratings.open
    .filter((it) => letterOfKey(it.a) !== undefined && letterOfKey(it.b) !== undefined)
    .slice(0, MOST_OPEN)
    .map(({ a, b, votesMissing }) => ({
      a,
      b,
      text:
        votesMissing === undefined
          ? `${name(a)} and ${name(b)} look alike so far.`
          : `${name(a)} and ${name(b)} still overlap. About ${votesMissing} more ${votesMissing === 1 ? "vote" : "votes"} between them would settle it.`,
    }));
}

const MOST_HISTORY = 20;

function historyOf({ history, result }: CompareData, today: Date): readonly HistoryItem[] {
  return history.slice(0, MOST_HISTORY).map(({ id, time, done, failed, prompt, variants }, i) => ({
    id,
    time: timeText(time, today),
    done,
    failed,
    title: `${prompt}: ${variants.map((it) => it.label).join(", ")}`,
    isOpen: result?.id === id,
    against: history.length < 2 ? undefined : i === 0 ? "before" : "newest",
  }));
}
