/**
 * A model's sessions. Hooks cost time in every step, so a request without adapters runs on a graph without them, and one that
 * only steers on a graph with the few hooks for that; one graph with all the hooks that were ever asked for serves the
 * others. Each is made when it is first needed. One set of adapters can have a graph of its own beside them (fixAdapters.ts).
 */

import type { Hook, Hooks, HookValues } from "./graph/hooks.js";
import type { Decoder } from "./ort/decoder.js";

/** A decoder in use: it lives until all who use it have let go. */
export interface DecoderLease {
  readonly decoder: Decoder;
  /** Its graph holds the adapters: there is nothing to be fed. */
  readonly isFixed: boolean;
  release(): void;
}

/** Adapters put together, as far as a graph is concerned. */
export interface AdapterSet {
  readonly key: string;
  readonly hooks: Hooks;
  readonly values: HookValues;
}

export interface Decoders {
  /**
   * `key`: of the adapters that will be fed, where they are the same in all rows. Rejects with what `create` throws; then
   * everything is as it was before.
   */
  acquire(hooks: Hooks, key?: string): Promise<DecoderLease>;
  /** Makes a graph that holds these adapters for those who acquire their key; it takes the place of another such one. */
  fix(adapters: AdapterSet): Promise<void>;
  /** Somebody uses one of the graphs. */
  isUsed(): boolean;
  dispose(): Promise<void>;
}

interface Live {
  readonly hooks: Hooks;
  /** Of the adapters that its graph holds. */
  readonly key?: string;
  readonly decoder: Promise<Decoder>;
  users: number;
  superseded: boolean;
}

export interface DecodersOptions {
  readonly create: (hooks: Hooks, fixed?: HookValues) => Promise<Decoder>;
  /** Graphs with fewer hooks stay beside the one with all: each takes the memory of the weights again, and no time is lost. */
  readonly keepPlain: boolean;
}

export function createDecoders({ create, keepPlain }: DecodersOptions): Decoders {
  let live: Live[] = [];

  function find(hooks: Hooks, key: string | undefined): Live | undefined {
    const covering = live.filter((it) => !it.superseded && covers(it.hooks, hooks));
    const fixed = covering.find((it) => key !== undefined && it.key === key);
    if (fixed !== undefined) return fixed;
    return covering
      .filter((it) => it.key === undefined)
      .sort((a, b) => a.hooks.size - b.hooks.size)
      .find((it) => !keepPlain || weightOf(it.hooks) === weightOf(hooks));
  }

  function add(hooks: Hooks): Live {
    const isAlike = (it: Live) => !keepPlain || weightOf(it.hooks) === weightOf(hooks);
    const alike = live.filter((it) => !it.superseded && it.key === undefined && isAlike(it));
    const all = new Set<Hook>([...hooks, ...alike.flatMap((it) => [...it.hooks])]);
    const added: Live = { hooks: all, decoder: create(all), users: 0, superseded: false };
    const replaced = [...alike];
    live.push(added);
    added.decoder.then(
      () => replaced.forEach(supersede),
      () => (live = live.filter((it) => it !== added)),
    );
    return added;
  }

  function supersede(it: Live): void {
    it.superseded = true;
    disposeUnused(it);
  }

  function disposeUnused(it: Live): void {
    if (!it.superseded || 0 < it.users || !live.includes(it)) return;
    live = live.filter((one) => one !== it);
    void it.decoder.then((decoder) => decoder.dispose());
  }

  return {
    async acquire(hooks, key) {
      const found = find(hooks, key) ?? add(hooks);
      found.users++;
      let isHeld = true;
      const release = () => {
        if (isHeld) found.users--;
        isHeld = false;
        disposeUnused(found);
      };
      try {
        return { decoder: await found.decoder, isFixed: found.key !== undefined, release };
      } catch (error) {
        release();
        throw error;
      }
    },
    async fix({ key, hooks, values }) {
      const before = live.filter((it) => !it.superseded && it.key !== undefined);
      const added: Live = { hooks, key, decoder: create(hooks, values), users: 0, superseded: false };
      live.push(added);
      try {
        await added.decoder;
      } catch (error) {
        live = live.filter((it) => it !== added);
        throw error;
      }
      before.forEach(supersede);
    },
    isUsed: () => live.some((it) => 0 < it.users),
    async dispose() {
      const all = live;
      live = [];
      for (const it of await Promise.allSettled(all.map((one) => one.decoder)))
        if (it.status === "fulfilled") await it.value.dispose();
    },
  };
}

/**
 * Hooks of one weight share a graph: none, those that cost next to nothing, all others; early exits, which cost a head; and
 * outputs of the stream, which are asked for seldom.
 */
function weightOf(hooks: Hooks): number {
  if (hooks.size === 0) return 0;
  if (hooks.has("streams")) return 4;
  if ([...hooks].some((it) => it.startsWith("exit."))) return 3;
  return [...hooks].every((it) => it === "steer" || it === "positions") ? 1 : 2;
}

function covers(all: Hooks, some: Hooks): boolean {
  return [...some].every((it) => all.has(it));
}
