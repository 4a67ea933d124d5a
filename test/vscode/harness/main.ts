/**
 * The command line of the harness.
 *
 *     node test/vscode/run.mjs            everything below
 *     node test/vscode/run.mjs grammar    the scopes of fixtures, in VS Code's tokenizer
 *     node test/vscode/run.mjs host       mocha inside the extension host
 *     node test/vscode/run.mjs ui         scripts that use the workbench through a browser; pictures in out/screenshots
 *     node test/vscode/run.mjs vsix       the package: what is in it, and that it works without our source tree
 *     node test/vscode/run.mjs bench      no tests: measures what a person waits for; writes into bench/results
 *     node test/vscode/run.mjs code       no tests: VS Code with this extension, for people; ends with Ctrl+C
 *
 * Options: --grep TEXT (titles), --edition newest|oldest, --theme dark|light|high-contrast (again for more).
 * Exit codes: 0 all passed, 1 something failed, 2 wrong usage, 3 the tests could not run on this machine.
 */

import { join } from "node:path";
import { parseArgs } from "node:util";

import { compareViewBench } from "../../../bench/compareView.js";
import { vscodeBench } from "../../../bench/vscode.js";
import { askInputs } from "../ui/askInputs.js";
import { comments } from "../ui/comments.js";
import { adapters } from "../ui/adapters.js";
import { compare, compareFailure } from "../ui/compare.js";
import { engineKilled, extensionHostKilled, extensionHostRestarts, fullDisk } from "../ui/compareCrash.js";
import { otherPrompt } from "../ui/compareOther.js";
import { outsideModels, outsideUnasked } from "../ui/compareOutside.js";
import { compareStates } from "../ui/compareStates.js";
import { twoWindows } from "../ui/compareWindows.js";
import { judgedCompare } from "../ui/judgedCompare.js";
import { generate } from "../ui/generate.js";
import { ghostText } from "../ui/ghostText.js";
import { highlighting } from "../ui/highlighting.js";
import { palette } from "../ui/palette.js";
import { pictures } from "../ui/pictures.js";
import { preview } from "../ui/preview.js";
import { runByKeyboard } from "../ui/runByKeyboard.js";
import { runTests } from "../ui/runTests.js";
import { runPrompt } from "../ui/runPrompt.js";
import { steering } from "../ui/steering.js";
import { soakEdits, soakFiles } from "../ui/soak.js";
import { findBrowser } from "./browser.js";
import { runCode } from "./code.js";
import { runGrammarTests } from "./grammarTests.js";
import { runHostTests, type Tally } from "./hostTests.js";
import { editions, installVSCode, type EditionName, type VSCodeInstall } from "./install.js";
import { CommandFailed, runCommand } from "./processes.js";
import { stopwatch, Unavailable, type Say } from "./progress.js";
import { themeNames, type ThemeName } from "./themes.js";
import { runUiTests, type UiScript } from "./uiTests.js";
import { runVsixTests } from "./vsixTests.js";

export interface MainOptions {
  readonly root: string;
  readonly out: string;
  readonly words: string[];
}

const tests = ["grammar", "host", "ui", "vsix"] as const;
const kinds = [...tests, "bench"] as const;
type Kind = (typeof kinds)[number];

const uiScripts: readonly UiScript[] = [
  highlighting,
  comments,
  palette,
  runPrompt,
  runByKeyboard,
  runTests,
  askInputs,
  adapters,
  generate,
  preview,
  pictures,
  steering,
  compare,
  compareFailure,
  compareStates,
  engineKilled,
  extensionHostKilled,
  fullDisk,
  twoWindows,
  outsideModels,
  outsideUnasked,
  otherPrompt,
  judgedCompare,
  ghostText,
  soakFiles,
  soakEdits,
];
/** Scripts for the installed package: it is the same code, so one whole way through it will do, and what needs an installed one. */
const vsixScripts: readonly UiScript[] = [runPrompt, extensionHostRestarts];

export async function main({ root, out, words }: MainOptions): Promise<number> {
  const asked = readWords(words);
  if (typeof asked === "string") {
    console.error(asked);
    return 2;
  }
  const say = stopwatch("vscode");
  try {
    if (asked.people) return await code(root, asked, say);
    endOnSignals();
    const place: Place = {
      root,
      out,
      install: await installVSCode(cacheOf(root), asked.edition, say),
      browser: await findBrowser(say),
      fixture: join(root, "test/vscode/fixtures/workspace"),
    };
    if (asked.kinds.some((it) => ["host", "ui", "bench"].includes(it))) await build(root, say);
    let total: Tally = { passed: 0, failed: 0 };
    for (const kind of asked.kinds) {
      say(`${kind}, with VS Code ${place.install.version}`);
      const tally = await runKind(kind, place, asked, say);
      total = { passed: total.passed + tally.passed, failed: total.failed + tally.failed };
    }
    console.log(`${total.passed} passed, ${total.failed} failed`);
    return total.failed === 0 && 0 < total.passed ? 0 : 1;
  } catch (error) {
    if (error instanceof CommandFailed) {
      console.error(error.message);
      return 1;
    }
    if (!(error instanceof Unavailable)) throw error;
    console.error(`\nTHESE TESTS DID NOT RUN: test/vscode (${asked.kinds.join(", ")})\n${error.message}\n`);
    return 3;
  }
}

async function code(root: string, { edition }: Asked, say: Say): Promise<number> {
  const ended = new AbortController();
  process.once("SIGINT", () => ended.abort());
  process.once("SIGTERM", () => ended.abort());
  const install = await installVSCode(cacheOf(root), edition, say);
  await build(root, say);
  await runCode({ root, install, examples: join(root, "examples"), signal: ended.signal }, say);
  return 0;
}

function cacheOf(root: string): string {
  return process.env["TILLER_VSCODE_CACHE"] ?? join(root, ".vscode-test");
}

/** The tests are about what the source says now. */
async function build(root: string, say: Say): Promise<void> {
  say("building the extension");
  await runCommand(process.execPath, ["esbuild.mjs"], { cwd: root });
}

interface Place {
  readonly root: string;
  readonly out: string;
  readonly install: VSCodeInstall;
  readonly browser: string;
  readonly fixture: string;
}

function runKind(kind: Kind, place: Place, { grep, themes }: Asked, say: Say): Promise<Tally> {
  const extension = place.root;
  switch (kind) {
    case "grammar":
      return runGrammarTests(place, say);
    case "host":
      return runHostTests({ ...place, extension, grep }, say);
    case "ui": {
      const scripts = uiScripts.filter(({ title }) => title.includes(grep ?? ""));
      const alsoInstalled = [join(place.root, "test/vscode/fixtures/fakeModels")];
      return runUiTests({ ...place, extension, alsoInstalled, themes, scripts, name: "ui" }, say);
    }
    case "bench":
      return runBench(place, grep, say);
    case "vsix":
      return runVsixTests({ ...place, themes, scripts: vsixScripts }, say);
    default:
      return kind satisfies never;
  }
}

async function runBench(place: Place, grep = "", say: Say): Promise<Tally> {
  const extension = place.root;
  const results = join(place.root, "bench/results");
  const scripts = [vscodeBench(results), compareViewBench(results)].filter(({ title }) => title.includes(grep));
  const alsoInstalled = [join(place.root, "test/vscode/fixtures/echo")];
  const seen = await runUiTests({ ...place, extension, alsoInstalled, themes: ["dark"], scripts, name: "bench" }, say);
  const host = "the work of the extension";
  if (!host.includes(grep)) return seen;
  const inside = await runHostTests({ ...place, extension, grep: host, results }, say);
  return { passed: seen.passed + inside.passed, failed: seen.failed + inside.failed };
}

interface Asked {
  /** Not tests, but VS Code for a person. */
  readonly people: boolean;
  readonly kinds: readonly Kind[];
  readonly grep: string | undefined;
  readonly edition: EditionName;
  readonly themes: readonly ThemeName[];
}

/** What was asked for, or what is wrong with it. */
function readWords(words: string[]): Asked | string {
  let parsed;
  try {
    parsed = parseArgs({
      args: words,
      allowPositionals: true,
      options: {
        grep: { type: "string" },
        edition: { type: "string", default: "newest" },
        theme: { type: "string", multiple: true, default: ["dark"] },
      },
    });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const { values, positionals } = parsed;
  const people = positionals.length === 1 && positionals[0] === "code";
  const unknown = people ? undefined : positionals.find((it) => !isOneOf(kinds, it));
  if (unknown !== undefined) return `"${unknown}" is not one of: ${kinds.join(", ")}; "code" stands alone`;
  const names = Object.keys(editions) as EditionName[];
  if (!isOneOf(names, values.edition)) return `--edition is one of: ${names.join(", ")}`;
  const themes = values.theme.filter((it) => isOneOf(themeNames, it));
  if (themes.length < values.theme.length) return `--theme is one of: ${themeNames.join(", ")}`;
  const chosen = positionals.length === 0 ? tests : kinds.filter((it) => positionals.includes(it));
  return { people, kinds: chosen, grep: values.grep, edition: values.edition, themes };
}

function isOneOf<T extends string>(names: readonly T[], word: string): word is T {
  return (names as readonly string[]).includes(word);
}

/** The exit listeners of `startGroup` end what runs; without this a signal would skip them. */
function endOnSignals(): void {
  process.once("SIGINT", () => process.exit(130));
  process.once("SIGTERM", () => process.exit(143));
}
