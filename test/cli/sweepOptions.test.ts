// The options of a sweep, and where its result goes.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { TillerError } from "../../src/base/error.js";
import { showSweep, sweepSettings } from "../../src/cli/sweepOptions.js";
import type { Output, Terminal } from "../../src/cli/terminal.js";
import type { Sweep } from "../../src/runner/sweep.js";
import { temporaryFolder } from "../temporaryFolder.js";

const none = { strength: undefined, measure: undefined, plot: undefined };
const row = { strength: 1, effect: 0.5, perplexity: 2, msPerToken: 10, cost: 1, answers: ["a"] };
const found: Sweep = { measure: "sentiment", meaning: "praise", unguided: 1, rows: [row] };

test("a sweep has default strengths and a default measure", () => {
  const { strengths, measure } = sweepSettings(none);
  assert.deepEqual([strengths, measure.name], [[1, 1.25, 1.5, 1.75, 2], "sentiment"]);
});

test("a measure that is none is refused with a near one", () =>
  assert.throws(
    () => sweepSettings({ ...none, measure: "formalty" }),
    (it) => it instanceof TillerError && it.code === "usage" && it.message.includes("Did you mean formality?"),
  ));

test("the table goes to stdout and the plot to its file", () => {
  const cwd = temporaryFolder("sweep");
  let written = "";
  const stdout: Output = { isTerminal: false, colors: false, columns: 80, write: (it) => (written += it) };
  const terminal = { stdout, cwd } as Terminal;
  showSweep(terminal, found, { plot: "a.svg", json: false });
  assert.match(written, /\| 1 \| 0\.500 \| 2\.00 \| 1\.00x \|/);
  assert.match(readFileSync(join(cwd, "a.svg"), "utf8"), /^<svg/);
  written = "";
  showSweep(terminal, found, { plot: undefined, json: true });
  assert.deepEqual(JSON.parse(written), found);
  assert.throws(
    () => showSweep(terminal, found, { plot: "no/such/a.svg", json: false }),
    (it) => it instanceof TillerError && it.code === "file-unwritable",
  );
});
