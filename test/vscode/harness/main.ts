/**
 * The command line of the harness.
 *
 *     node test/vscode/run.mjs            everything below
 *     node test/vscode/run.mjs host       mocha inside the extension host
 *
 * Options: --grep TEXT (host), --edition newest|oldest.
 * Exit codes: 0 all passed, 1 something failed, 2 wrong usage, 3 the tests could not run on this machine.
 */

import { join } from "node:path";
import { parseArgs } from "node:util";

import { findBrowser } from "./browser.js";
import { runHostTests, type Tally } from "./hostTests.js";
import { editions, installVSCode, type EditionName } from "./install.js";
import { stopwatch, Unavailable } from "./progress.js";

export interface MainOptions {
  readonly root: string;
  readonly out: string;
  readonly words: string[];
}

const kinds = ["host"] as const;
type Kind = (typeof kinds)[number];

export async function main({ root, out, words }: MainOptions): Promise<number> {
  const asked = readWords(words);
  if (typeof asked === "string") {
    console.error(asked);
    return 2;
  }
  endOnSignals();
  const say = stopwatch("vscode");
  try {
    const install = await installVSCode(
      process.env["TILLER_VSCODE_CACHE"] ?? join(root, ".vscode-test"),
      asked.edition,
      say,
    );
    const browser = await findBrowser(say);
    const fixture = join(root, "test/vscode/fixtures/workspace");
    let total: Tally = { passed: 0, failed: 0 };
    for (const kind of asked.kinds) {
      say(`${kind}: starting VS Code ${install.version}`);
      const tally = await runHostTests(
        { install, browser, fixture, root, out, extension: root, grep: asked.grep },
        say,
      );
      total = { passed: total.passed + tally.passed, failed: total.failed + tally.failed };
    }
    say(`${total.passed} passed, ${total.failed} failed`);
    return total.failed === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    console.error(`\nTHESE TESTS DID NOT RUN: test/vscode (${asked.kinds.join(", ")})\n${error.message}\n`);
    return 3;
  }
}

interface Asked {
  readonly kinds: readonly Kind[];
  readonly grep: string | undefined;
  readonly edition: EditionName;
}

/** What was asked for, or what is wrong with it. */
function readWords(words: string[]): Asked | string {
  const options = { grep: { type: "string" }, edition: { type: "string", default: "newest" } } as const;
  let parsed;
  try {
    parsed = parseArgs({ args: words, options, allowPositionals: true });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const { values, positionals } = parsed;
  const unknown = positionals.find((it) => !isOneOf(kinds, it));
  if (unknown !== undefined) return `"${unknown}" is not one of: ${kinds.join(", ")}`;
  const names = Object.keys(editions) as EditionName[];
  if (!isOneOf(names, values.edition)) return `--edition is one of: ${names.join(", ")}`;
  const chosen = kinds.filter((it) => positionals.length === 0 || positionals.includes(it));
  return { kinds: chosen, grep: values.grep, edition: values.edition };
}

function isOneOf<T extends string>(names: readonly T[], word: string): word is T {
  return (names as readonly string[]).includes(word);
}

/** The exit listeners of `startGroup` end what runs; without this a signal would skip them. */
function endOnSignals(): void {
  process.once("SIGINT", () => process.exit(130));
  process.once("SIGTERM", () => process.exit(143));
}
