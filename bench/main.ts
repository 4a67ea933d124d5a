// `npm run bench -- adapters|compare|editor|engine|lang|masks`: measures, prints a table and writes it to bench/results.

import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";

import { benchAdapters } from "./adapters.js";
import { benchCompare } from "./compare.js";
import { benchEditor } from "./editor.js";
import { benchEngine } from "./engine.js";
import { benchLang } from "./lang.js";
import { benchMasks } from "./masks.js";
import { table, type Measured } from "./statistics.js";

const benches: Readonly<Record<string, () => Promise<readonly Measured[]> | readonly Measured[]>> = {
  adapters: benchAdapters,
  compare: benchCompare,
  editor: benchEditor,
  engine: benchEngine,
  lang: benchLang,
  masks: benchMasks,
};

const name = process.argv[2] ?? "";
const bench = benches[name];
if (bench === undefined) {
  console.error(`usage: npm run bench -- ${Object.keys(benches).join("|")}`);
  process.exit(2);
}
const rows = await bench();
const head = `# ${name}\n\n${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} cores, Node ${process.versions.node}. Trust ratios, not absolute times.\n`;
const text = `${head}\n${table(rows)}\n`;
const folder = join(import.meta.dirname, "../../bench/results");
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, `${name}.md`), text);
console.log(text);
process.exit(0);
