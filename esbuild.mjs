// `node esbuild.mjs` makes the bundles in dist/. `node esbuild.mjs --tests [folder...]` makes the files of src/, test/ and
// bench/ one by one in out/ (or $TILLER_OUT), for node's own test runner: Node 20 does not read TypeScript.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { build } from "esbuild";

const common = { platform: "node", target: "node20", sourcemap: true, logLevel: "warning" };
const [mode, ...folders] = process.argv.slice(2);
await (mode === "--tests" ? buildTests(folders) : buildBundles());

async function buildBundles() {
  const entries = { cli: "src/cli/main.ts", host: "src/host/main.ts", server: "src/server/main.ts" };
  const present = Object.entries(entries).filter(([, path]) => existsSync(path));
  await build({
    ...common,
    bundle: true,
    format: "esm",
    external: ["onnxruntime-node"],
    // CommonJS packages inside an ES module bundle still ask for `require`.
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
    entryPoints: Object.fromEntries(present),
    outdir: "dist",
  });
  if (!existsSync("src/extension/main.ts")) return;
  await build({
    ...common,
    bundle: true,
    format: "cjs",
    external: ["vscode"],
    entryPoints: { extension: "src/extension/main.ts" },
    outdir: "dist",
    outExtension: { ".js": ".cjs" },
  });
}

async function buildTests(only) {
  const outdir = process.env.TILLER_OUT ?? "out";
  rmSync(outdir, { recursive: true, force: true });
  const files = ["src", "test", "bench"]
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" })
        .map((it) => it.replaceAll("\\", "/"))
        .filter((it) => it.endsWith(".ts"))
        .filter((it) => !/^vscode\/.+\//.test(it)) // run.mjs builds these: they run in VS Code or drive it
        .filter((it) => only.length === 0 || only.includes(it.split("/")[0]))
        .map((it) => `${folder}/${it}`),
    );
  await build({ ...common, format: "esm", entryPoints: files, outbase: ".", outdir });
}
