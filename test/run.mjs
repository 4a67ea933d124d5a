// `npm test`: every check and test there is, and one closing line with their number. `node test/run.mjs unit` leaves out
// the tests in a real VS Code, `node test/run.mjs unit PREFIX...` runs only files of test/
// whose path begins like that.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const [part, ...prefixes] = process.argv.slice(2);
let passed = 0;
let failed = 0;
let skipped = 0;

if (part === undefined) {
  for (const script of ["typecheck", "lint", "format:check"]) count(script, run("npm", ["run", "--silent", script]));
}
count("build", run(process.execPath, ["esbuild.mjs"]));
count("build of the tests", run(process.execPath, ["esbuild.mjs", "--tests"]));
unitTests();
if (part === undefined) editorTests();
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;

function unitTests() {
  mkdirSync("out/reports", { recursive: true });
  const files = readdirSync("out/test", { recursive: true, encoding: "utf8" })
    .map((it) => it.replaceAll("\\", "/"))
    .filter((it) => it.endsWith(".test.js") && !it.startsWith("vscode/"))
    .filter((it) => prefixes.length === 0 || prefixes.some((prefix) => it.startsWith(prefix)))
    .map((it) => join("out/test", it));
  const report = "out/reports/unit.tap";
  const reporters = ["--test-reporter=spec", "--test-reporter-destination=stdout"];
  const tap = ["--test-reporter=tap", `--test-reporter-destination=${report}`];
  const status = run(process.execPath, [
    "--test",
    "--test-concurrency=2",
    "--test-timeout=600000",
    ...reporters,
    ...tap,
    ...files,
  ]);
  const summary = readFileSync(report, "utf8");
  const number = (name) => Number(new RegExp(`^# ${name} (\\d+)$`, "m").exec(summary)?.[1] ?? 0);
  passed += number("pass");
  failed += number("fail") + number("cancelled");
  skipped += number("skipped") + number("todo");
  if (status !== 0 && number("fail") + number("cancelled") === 0) count("node's test runner", status);
}

function editorTests() {
  if (!existsSync("test/vscode/run.mjs")) return;
  const { status, stdout } = spawnSync(process.execPath, ["test/vscode/run.mjs"], {
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  process.stdout.write(stdout);
  const totals = [...stdout.matchAll(/^(\d+) passed, (\d+) failed$/gm)];
  for (const [, good, bad] of totals) {
    passed += Number(good);
    failed += Number(bad);
  }
  if (totals.length === 0 || (status !== 0 && totals.every(([, , bad]) => bad === "0")))
    count("tests in a real VS Code", 1);
}

function run(command, args) {
  return (
    spawnSync(command, args, { stdio: ["ignore", "inherit", "inherit"], shell: process.platform === "win32" }).status ??
    1
  );
}

function count(what, status) {
  if (status === 0) passed++;
  else failed++;
  if (status !== 0) console.error(`FAILED: ${what}`);
}
