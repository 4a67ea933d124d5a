/** The options that say which adapters a command runs with, and which adapters a name means. */

import { readdirSync, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";

import { TillerError } from "../base/error.js";
import type { Adaptation, AdapterUse } from "../protocol/adapter.js";
import type { AdapterChoice } from "../protocol/run.js";
import { adapterIn, adaptersIn, isAdapter } from "../runner/adapterFiles.js";
import { didYouMean } from "./didYouMean.js";
import type { OptionSpecs, OptionValues } from "./optionSpec.js";
import type { Terminal } from "./terminal.js";

export const adapterOptions = {
  adapter: {
    type: "string",
    short: "a",
    multiple: true,
    value: "NAME[=SCALE]",
    help: "An adapter's folder, GGUF file or name, and how much of it (default 1; negative turns it round). Repeatable.",
  },
} as const satisfies OptionSpecs;

export const expertOptions = {
  experts: {
    type: "string",
    value: "FOLDER",
    help: "Choose among the LoRA adapters in the folder, token by token (Arrow).",
  },
  "experts-per-token": { type: "string", value: "N", help: "Experts that share a token. Default: 2." },
  "expert-temperature": { type: "string", value: "T", help: "Above 1 they share more evenly. Default: 1." },
} as const satisfies OptionSpecs;

/** Where adapters are looked for by name: TILLER_ADAPTERS, `adapters` here, `.tiller/adapters` at home, then the examples. */
export function adapterFolders({ env, home, cwd, root }: Terminal): string[] {
  const named = (env["TILLER_ADAPTERS"] ?? "").split(delimiter).filter((it) => it !== "");
  return [
    ...named.map((it) => resolve(cwd, it)),
    ...[join(cwd, "adapters"), join(home, ".tiller", "adapters"), join(root, "examples", "adapters")],
  ];
}

/** Names that are paths from here become absolute; others are left to be found from the prompt. */
export function adapterChoices(
  { cwd }: Terminal,
  { adapter }: OptionValues<typeof adapterOptions>,
): { readonly adapters?: readonly AdapterChoice[] } {
  const adapters = adapter.map(scaledName).map(({ name, ...rest }) => {
    const path = resolve(cwd, name);
    return { name: isAdapter(path) ? path : name, ...rest };
  });
  return adapters.length === 0 ? {} : { adapters };
}

/** For commands without a prompt file. Throws `adapter-not-found` and `usage`. */
export function adaptationOf(
  terminal: Terminal,
  options: OptionValues<typeof adapterOptions> & OptionValues<typeof expertOptions>,
): Adaptation {
  const adapters = options.adapter.map(scaledName).map(({ name, scale }): AdapterUse => ({
    path: resolveAdapter(terminal, name),
    ...(scale !== undefined && { scale }),
  }));
  const { experts } = options;
  const topK = numberOf("--experts-per-token", options["experts-per-token"]);
  const temperature = numberOf("--expert-temperature", options["expert-temperature"]);
  if (experts === undefined && (topK ?? temperature) !== undefined)
    throw new TillerError("usage", "--experts-per-token and --expert-temperature need --experts FOLDER.");
  return {
    ...(0 < adapters.length && { adapters }),
    ...(experts !== undefined && {
      routing: {
        experts: adaptersIn(join(terminal.cwd, "."), resolve(terminal.cwd, experts)),
        ...(topK !== undefined && { topK }),
        ...(temperature !== undefined && { temperature }),
      },
    }),
  };
}

/** The path that a name or a path means. */
export function resolveAdapter(terminal: Terminal, given: string): string {
  const path = resolve(terminal.cwd, given.replace(/^~(?=[/\\])/, terminal.home));
  // What is there under that name is meant, whatever is wrong with it: opening it says so.
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return path;
  const folders = adapterFolders(terminal);
  const found = folders.map((it) => adapterIn(it, given)).find((it) => it !== undefined);
  if (found !== undefined) return found;
  const names = folders.flatMap(namesIn);
  throw new TillerError(
    "adapter-not-found",
    `There is no adapter "${given}": it is no path, and no adapter of that name is in ${folders.join(" or ")}.` +
      `${didYouMean(given, names)} See tiller adapters list.`,
  );
}

/** `pirate=0.5`; a Windows path may hold no "=". */
export function scaledName(given: string): AdapterChoice {
  const [, name, scale] = /^(.*?)(?:=([^=]*))?$/s.exec(given)!;
  if (name === "")
    throw new TillerError("usage", `--adapter needs a name, as in --adapter pirate=0.5, not "${given}".`);
  if (scale === undefined) return { name: name! };
  const number = scale.trim() === "" ? NaN : Number(scale);
  if (Number.isFinite(number)) return { name: name!, scale: number };
  throw new TillerError("usage", `The scale of --adapter ${name} is a number, as in ${name}=0.5, not "${scale}".`);
}

function numberOf(option: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = value.trim() === "" ? NaN : Number(value);
  if (Number.isFinite(number)) return number;
  throw new TillerError("usage", `${option} is a number, not "${value}".`);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).map((it) => it.replace(/(\.lora)?\.gguf$/i, ""));
  } catch {
    return []; // there is no such folder
  }
}
