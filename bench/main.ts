// `npm run bench -- adapters|attention|compare|editor|engine|formats|guidance|guidanceEffect|lang|lookup|masks`: measures, prints a table and writes it to
// bench/results.

import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";

import { benchAdapters } from "./adapters.js";
import { benchAttention } from "./attention.js";
import { benchCompare } from "./compare.js";
import { benchEditor } from "./editor.js";
import { benchEngine } from "./engine.js";
import { benchFormats } from "./formats.js";
import { benchGuidance } from "./guidance.js";
import { benchGuidanceEffect } from "./guidanceEffect.js";
import { benchLang } from "./lang.js";
import { benchLookup } from "./lookup.js";
import { benchMasks } from "./masks.js";
import { table, type Measured } from "./statistics.js";

const benches: Readonly<Record<string, () => Promise<readonly Measured[]> | readonly Measured[]>> = {
  adapters: benchAdapters,
  attention: benchAttention,
  compare: benchCompare,
  editor: benchEditor,
  engine: benchEngine,
  guidance: benchGuidance,
  lang: benchLang,
  masks: benchMasks,
};

/** Those that write a text of their own; a number behind the name makes them smaller, and then no file is written. */
const reports: Readonly<Record<string, (most?: number, only?: string) => Promise<string>>> = {
  formats: benchFormats,
  guidanceEffect: benchGuidanceEffect,
  lookup: benchLookup,
};

const [, , name = "", most, only] = process.argv;
const body = await (reports[name]?.(most === undefined ? undefined : Number(most), only) ?? rowsOf(name));
const head = `# ${name}\n\n${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} cores, Node ${process.versions.node}. Trust ratios, not absolute times.\n`;
const text = `${head}\n${body}\n`;
if (most === undefined) {
  const folder = join(import.meta.dirname, "../../bench/results");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.md`), text);
}
console.log(text);
process.exit(0);

async function rowsOf(name: string): Promise<string> {
  const bench = benches[name];
  if (bench !== undefined) return table(await bench());
  console.error(`usage: npm run bench -- ${[...Object.keys(benches), ...Object.keys(reports)].join("|")}`);
  process.exit(2);
}
