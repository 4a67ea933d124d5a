// `node vsix.mjs [FILE]` makes the extension's package for this platform: tiller-PLATFORM-VERSION.vsix, or FILE.
// What is shipped is gathered in a folder of its own; .vscodeignore says which of it goes in.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = import.meta.dirname;
const out = resolve(root, process.env.TILLER_OUT ?? "out");
const stage = join(out, "vsix");
const target = `${process.platform}-${process.arch}`;
const manifest = readJson(join(root, "package.json"));
const file = resolve(process.argv[2] ?? join(root, `tiller-${target}-${manifest.version}.vsix`));

run(process.execPath, [join(root, "esbuild.mjs")], root);
gather();
const vsce = join(root, "node_modules/@vscode/vsce/vsce");
const flags = ["--no-dependencies", "--allow-missing-repository", "--no-rewrite-relative-links", "--skip-license"];
// The scan for secrets reads every file as text, a model of 94 MiB too. Everything it could find is built from git.
run(
  process.execPath,
  [vsce, "package", "--target", target, "--out", file, ...flags, "--allow-package-all-secrets"],
  stage,
);
console.log(`${file}: ${(statSync(file).size / 2 ** 20).toFixed(1)} MiB`);

function gather() {
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  const shipped = ["dist", "models", "examples", "media", "syntaxes", "language-configuration.json"];
  for (const it of [...shipped, ".vscodeignore", "README.md", "CHANGELOG.md", "LICENSE"]) {
    if (existsSync(join(root, it))) cpSync(join(root, it), join(stage, it), { recursive: true });
  }
  for (const it of ["extension.cjs", "host.js", "server.js", "probe.js", "mozjpeg_dec.wasm", "webp_dec.wasm"]) {
    if (!existsSync(join(stage, "dist", it))) throw new Error(`dist/${it} is missing: the package would not work`);
  }
  const runtime = `bin/napi-v6/${process.platform}/${process.arch}`;
  copyPackage("onnxruntime-node", ["package.json", "dist", runtime]);
  copyPackage("onnxruntime-common", ["package.json", "dist/cjs"]);
  writeFileSync(join(stage, "THIRD-PARTY-NOTICES.txt"), notices());

  // The bundles hold their dependencies already; the rest is for those who develop Tiller.
  const { scripts, dependencies, devDependencies, bin, private: _, ...kept } = manifest;
  writeFileSync(join(stage, "package.json"), `${JSON.stringify(kept, undefined, 2)}\n`);
}

function copyPackage(name, parts) {
  for (const it of parts) {
    const from = join(root, "node_modules", name, it);
    if (!existsSync(from))
      throw new Error(`${from} is missing: there is no ${name} for ${target}, or "npm ci" did not run`);
    cpSync(from, join(stage, "dist/node_modules", name, it), { recursive: true });
  }
}

/** The licences of every package that may be in a bundle. */
function notices() {
  const { packages } = readJson(join(root, "package-lock.json"));
  const production = Object.entries(packages).filter(([path, it]) => path !== "" && !it.dev && !it.optional);
  const sections = production.map(([path, { version, license }]) => {
    const folder = join(root, path);
    const names = existsSync(folder) ? readdirSync(folder) : [];
    const texts = names
      .filter((it) => /^(licen[cs]e|notice)/i.test(it))
      .map((it) => readFileSync(join(folder, it), "utf8"));
    const title = `${path.replace(/^.*node_modules\//, "")} ${version} (${license ?? "see below"})`;
    return [title, "-".repeat(title.length), ...texts.map((it) => it.trim())].join("\n\n");
  });
  const models = readFileSync(join(root, "models/LICENSE-SmolLM2"), "utf8").trim();
  return [
    "Tiller contains these works of others, each under its own licence.",
    `SmolLM2-135M-Instruct (model)\n\n-----------------------------\n\n${models}`,
    ...sections,
  ].join("\n\n\n");
}

function run(command, args, cwd) {
  execFileSync(command, args, { cwd, stdio: "inherit" });
}

function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}
