// `node esbuild.mjs` makes the bundles in dist/, `node esbuild.mjs --cli [folder]` the command line only. `node esbuild.mjs
// --bench` what `npm run bench` runs. `node esbuild.mjs --tests [folder...]` makes the files of src/, test/ and bench/ one by one in out/ (or $TILLER_OUT), for node's own test
// runner: Node 20 does not read TypeScript.
import { copyFileSync, existsSync, readdirSync, rmSync } from "node:fs";
import { build } from "esbuild";

const common = {
  platform: "node",
  target: "node20",
  sourcemap: true,
  logLevel: "warning",
};
/** Handlebars builds source maps of its templates when it finds this package; nobody reads them, and they take half the time. */
const alias = { "source-map": "./src/lang/noSourceMap.js" };
const program = {
  ...common,
  alias,
  bundle: true,
  format: "esm",
  external: ["onnxruntime-node"],
  // CommonJS packages inside an ES module bundle still ask for `require`.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
};
/** What unpacks pictures is read when the first one comes (src/engine/vision/codecs.ts). */
const codecs = ["jpeg/codec/dec/mozjpeg_dec.wasm", "webp/codec/dec/webp_dec.wasm"];
const [mode, ...folders] = process.argv.slice(2);
if (mode === "--tests") await buildTests(folders);
else if (mode === "--bench") await build({ ...program, entryPoints: ["bench/main.ts"], outdir: "out/bench" });
else if (mode === "--cli") await buildCommandLine(folders[0] ?? "dist");
else await buildBundles();

async function buildBundles() {
  const entries = { host: "src/host/main.ts", server: "src/server/main.ts" };
  const present = Object.entries(entries).filter(([, path]) => existsSync(path));
  await build({ ...program, entryPoints: Object.fromEntries(present), outdir: "dist" });
  await buildCommandLine("dist");
  if (!existsSync("src/extension/main.ts")) return;
  await build({
    ...common,
    bundle: true,
    platform: "browser",
    format: "iife",
    target: "chrome120",
    entryPoints: {
      preview: "src/webview/preview/page.ts",
      steering: "src/webview/steering/page.ts",
      compare: "src/webview/compare/page.ts",
    },
    outdir: "dist",
  });
  await build({
    ...common,
    alias,
    bundle: true,
    format: "cjs",
    external: ["vscode"],
    minify: true, // it is read each time a window opens
    entryPoints: { extension: "src/extension/main.ts" },
    outdir: "dist",
    outExtension: { ".js": ".cjs" },
  });
}

/** In pieces that are loaded when they are needed: `tiller --help` must not load native code. */
async function buildCommandLine(outdir) {
  rmSync(`${outdir}/cli`, { recursive: true, force: true });
  await build({
    ...program,
    splitting: true,
    chunkNames: "cli/[name]-[hash]",
    banner: { js: `#!/usr/bin/env node\n${program.banner.js}` },
    entryPoints: { cli: "src/cli/main.ts" },
    outdir,
  });
  // Started by the command line and by the host to try a device.
  await build({ ...program, entryPoints: { probe: "src/engine/ort/probeProcess.ts" }, outdir });
  for (const it of codecs) copyFileSync(`node_modules/@jsquash/${it}`, `${outdir}/${it.split("/").pop()}`);
}

async function buildTests(only) {
  const outdir = process.env.TILLER_OUT ?? "out";
  rmSync(outdir, { recursive: true, force: true });
  const files = ["src", "test", "bench"]
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" })
        .map((it) => it.replaceAll("\\", "/"))
        .filter((it) => it.endsWith(".ts") && !it.endsWith(".d.ts") && !/^out\//.test(it))
        .filter((it) => !/^vscode\/.+\//.test(it)) // run.mjs builds these: they run in VS Code or drive it
        .filter((it) => only.length === 0 || only.includes(it.split("/")[0]))
        .map((it) => `${folder}/${it}`),
    );
  await build({ ...common, format: "esm", entryPoints: files, outbase: ".", outdir });
}
