/** The adapters of one model: read once, composed once, and kept while they are among the last that were used. */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { TillerError } from "../../base/error.js";
import { recall } from "../../base/recall.js";
import type { Adaptation, AdapterRouting, AdapterUse } from "../../protocol/adapter.js";
import type { AdaptedModel, Adapter } from "./adapter.js";
import { checkExpert, checkRouting, composeRouting, prototypesOf, routedGroups, type Prototypes } from "./arrow.js";
import { compose, type Composition } from "./compose.js";
import { openAdapter } from "./openAdapter.js";
import type { Group } from "../graph/modules.js";

const ADAPTERS_KEPT = 16;
const COMPOSITIONS_KEPT = 8;
const PROTOTYPES_KEPT = 64;

const DEFAULT_TOP_K = 2;
const DEFAULT_TEMPERATURE = 1;

export interface Adapted extends Composition {
  /** Equal for equal files with equal scales. */
  readonly key: string;
  readonly routing?: { readonly experts: readonly string[]; readonly groups: readonly Group[] };
}

export interface Shelf {
  /** Rejects with what is wrong with the first adapter that cannot be used; nothing of the others is used then. */
  adapted(adaptation: Adaptation): Promise<Adapted>;
  /** Paths of the adapters that are kept. */
  loaded(): readonly string[];
}

export function createShelf(model: AdaptedModel): Shelf {
  const adapters = new Map<string, Promise<Adapter>>();
  const compositions = new Map<string, Promise<Adapted>>();
  const prototypes = new Map<string, Prototypes>();

  const adapter = (path: string): Promise<Adapter> => {
    const key = JSON.stringify([path, stampOf(path)]);
    return recallSettled(adapters, key, ADAPTERS_KEPT, () => loadAdapter(path, model));
  };

  async function make(key: string, uses: readonly AdapterUse[], routing: AdapterRouting | undefined): Promise<Adapted> {
    const scaled = await Promise.all(
      uses.map(async ({ path, scale = 1, sha256, layers }) => {
        const found = await adapter(path);
        if (sha256 !== undefined) checkHash(found, sha256);
        return { adapter: found, scale, layers };
      }),
    );
    const composition = compose(scaled, model);
    if (routing === undefined) return { ...composition, key };
    const { topK = DEFAULT_TOP_K, temperature = DEFAULT_TEMPERATURE } = routing;
    checkRouting(routing.experts.length, { topK, temperature });
    const experts = await Promise.all(routing.experts.map(adapter));
    experts.forEach(checkExpert);
    const known = experts.map((it) => ({
      adapter: it,
      prototypes: recall(prototypes, hashOf(it), PROTOTYPES_KEPT, () => prototypesOf(it)),
    }));
    const routed = composeRouting(known, { topK, temperature }, model);
    return {
      ...composition,
      key,
      hooks: new Set([...composition.hooks, ...routed.hooks]),
      values: new Map([...composition.values, ...routed.values]),
      memoryBytes: [...routed.values.values()].reduce((sum, it) => sum + it.data.byteLength, composition.memoryBytes),
      routing: { experts: experts.map((it) => it.facts.name), groups: routedGroups(known, model) },
    };
  }

  return {
    loaded: () => [...adapters.keys()].map((it) => (JSON.parse(it) as readonly [string, string])[0]),
    adapted({ adapters: uses = [], routing }) {
      const key = JSON.stringify([
        uses.map(({ path, scale = 1, sha256, layers }) => [path, stampOf(path), scale, sha256, layers]),
        routing && [routing.experts.map((it) => [it, stampOf(it)]), routing.topK, routing.temperature],
      ]);
      return recallSettled(compositions, key, COMPOSITIONS_KEPT, () => make(key, uses, routing));
    },
  };
}

/** As `recall`; what failed is not kept, because the user may mend the file and try again. */
function recallSettled<T>(
  known: Map<string, Promise<T>>,
  key: string,
  most: number,
  make: () => Promise<T>,
): Promise<T> {
  return recall(known, key, most, () => {
    const made = make();
    made.catch(() => known.delete(key));
    return made;
  });
}

async function loadAdapter(path: string, model: AdaptedModel): Promise<Adapter> {
  const source = await openAdapter(path);
  try {
    return source.load(model);
  } finally {
    source.close();
  }
}

/** Changes when the adapter's files do. */
function stampOf(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return "none";
  if (!stats.isDirectory()) return `${stats.mtimeMs}:${stats.size}`;
  const parts = readdirSync(path).filter((it) => it.endsWith(".safetensors") || it === "adapter_config.json");
  return parts.map((it) => stampOf(join(path, it))).join();
}

function checkHash({ facts }: Adapter, expected: string): void {
  const found = createHash("sha256").update(readFileSync(facts.weights)).digest("hex");
  if (found === expected.toLowerCase()) return;
  throw new TillerError(
    "adapter-mismatch",
    `${facts.weights} is not the file that was meant: its SHA-256 is ${found}, and ${expected} was asked for. ` +
      "Get the right file, or change the hash if the new one is wanted.",
  );
}

function hashOf({ lowRank }: Adapter): string {
  const hash = createHash("sha256");
  for (const [place, { a, b }] of lowRank) hash.update(place).update(a).update(b);
  return hash.digest("hex");
}
