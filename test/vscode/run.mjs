// `node test/vscode/run.mjs [host] [ui] [vsix] [code]` builds the harness and starts it; harness/main.ts says what each
// word means. This file is plain JavaScript because Node 20 does not read TypeScript.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = join(import.meta.dirname, "../..");
const out = join(root, process.env.TILLER_OUT ?? "out");
const bundle = join(out, "vscode/harness.mjs");
await build({
  entryPoints: [join(import.meta.dirname, "harness/main.ts")],
  outfile: bundle,
  bundle: true,
  packages: "external",
  platform: "node",
  target: "node20",
  format: "esm",
  sourcemap: true,
  logLevel: "warning",
});
process.setSourceMapsEnabled(true);
const { main } = await import(pathToFileURL(bundle).href);
process.exitCode = await main({ root, out, words: process.argv.slice(2) });
