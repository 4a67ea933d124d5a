/**
 * Recognisers that call each other, run over bytes in all ways at once.
 *
 * A part is either flat (an automaton over bytes) or made of calls to other parts. A thread is one way to read the text so
 * far: the innermost part, its state, and the thread that goes on when that part is done. Threads and sets of threads are
 * interned, so that equal situations have equal numbers: masks and transitions are remembered by them.
 */

import { DEAD, readableFirst } from "./automaton.js";
import { REJECTED, type TaggedAutomaton } from "./product.js";

export interface FlatPart {
  readonly kind: "flat";
  readonly automaton: TaggedAutomaton;
}

export interface Call {
  /** Tells the calls of one machine apart. */
  readonly id: number;
  readonly part: Part;
  /** The state of the caller after the part was accepted with `tag`; DEAD when it must not be. */
  readonly resume: (tag: number) => number;
  /** Least bytes from there on to the end of the caller; an upper bound over all tags. */
  readonly rest: number;
}

export interface CallingPart {
  readonly kind: "calling";
  readonly start: number;
  step(state: number, byte: number): readonly number[];
  calls(state: number): readonly Call[];
  accepts(state: number): boolean;
  /** Some byte is read here, calls apart. */
  reads(state: number): boolean;
  /** Bytes of a shortest text from here to the end of the part. */
  shortest(state: number): number;
}

export type Part = FlatPart | CallingPart;

export interface Thread {
  readonly id: number;
  readonly part: Part;
  readonly state: number;
  readonly caller: { readonly thread: Thread; readonly call: Call } | undefined;
}

/** Threads that read next; `accepts`: the text may end here. */
export interface Situation {
  readonly id: number;
  readonly threads: readonly Thread[];
  readonly accepts: boolean;
}

/** More ways to read one text are not followed. That loses texts that could be written, and never lets a wrong one pass. */
const MOST_THREADS = 2000;
/** Calls inside calls without a byte between them: deeper is left recursion, which is refused before. */
const DEEPEST_CALL = 2000;
/** Remembered situations; beyond, all are forgotten and built anew. */
const MOST_SITUATIONS = 20_000;

export class Machine {
  readonly dead: Situation = { id: 0, threads: [], accepts: false };
  #threads = new Map<string, Thread>();
  #situations = new Map<string, Situation>();
  #steps = new Map<number, Situation>();
  #partIds = new Map<Part, number>();
  #ways = new Map<Situation, number>();
  #nextThread = 0;
  #nextSituation = 1;

  constructor(readonly root: Part) {}

  begin(): Situation {
    return this.#situationOf([this.#thread(this.root, startOf(this.root), undefined)]);
  }

  step(from: Situation, byte: number): Situation {
    const key = from.id * 256 + byte;
    const known = this.#steps.get(key);
    if (known !== undefined) return known;
    const to = this.stepOnce(from, byte);
    if (MOST_SITUATIONS < this.#steps.size) this.#steps.clear();
    this.#steps.set(key, to);
    return to;
  }

  /** Like `step`, without remembering it. */
  stepOnce({ threads }: Situation, byte: number): Situation {
    const next: Thread[] = [];
    for (const it of threads) this.#advance(it, byte, next);
    return this.#situationOf(next);
  }

  /** Adds what the thread becomes by reading `byte`, before any calls and returns. */
  #advance({ part, state, caller }: Thread, byte: number, next: Thread[]): void {
    if (part.kind === "flat") {
      const to = part.automaton.step(state, byte);
      if (to !== DEAD) next.push(this.#thread(part, to, caller));
      return;
    }
    for (const to of part.step(state, byte)) next.push(this.#thread(part, to, caller));
  }

  /** The situation of a caller whose part was just accepted with `tag`. */
  resumed({ caller }: Thread, tag: number): Situation {
    if (caller === undefined) return this.#intern([], true);
    const state = caller.call.resume(tag);
    if (state === DEAD) return this.dead;
    return this.#situationOf([this.#thread(caller.thread.part, state, caller.thread.caller)]);
  }

  /** Bytes of a shortest text that completes the situation; Infinity when nothing does. */
  shortest({ threads, accepts }: Situation): number {
    return accepts ? 0 : threads.reduce((best, it) => Math.min(best, shortestOf(it) + restOf(it)), Infinity);
  }

  /** The first byte of a shortest completion. Throws a plain Error where nothing completes the situation. */
  wayOut(situation: Situation): number {
    let byte = this.#ways.get(situation);
    if (byte === undefined) {
      byte = this.leads(situation) ?? this.#cheapest(situation);
      if (MOST_SITUATIONS < this.#ways.size) this.#ways.clear();
      this.#ways.set(situation, byte);
    }
    return byte;
  }

  #cheapest(situation: Situation): number {
    const wanted = this.shortest(situation) - 1;
    let best = Infinity;
    let chosen: number | undefined;
    for (const byte of readableFirst) {
      const cost = this.shortest(this.step(situation, byte));
      if (cost < best) [best, chosen] = [cost, byte];
      if (best <= wanted) break;
    }
    if (chosen === undefined) throw new Error("a situation that nothing completes was reached");
    return chosen;
  }

  /** A byte that begins a shortest completion, where one is known without searching. */
  leads({ threads }: Situation): number | undefined {
    const cost = (it: Thread) => shortestOf(it) + restOf(it);
    const [first, ...others] = threads;
    if (first === undefined) return undefined;
    const { part, state } = others.reduce((best, it) => (cost(it) < cost(best) ? it : best), first);
    return part.kind === "flat" && 0 < part.automaton.shortest(state) ? part.automaton.leads?.(state) : undefined;
  }

  #thread(part: Part, state: number, caller: Thread["caller"]): Thread {
    const key = `${this.#partId(part)}:${state}:${caller === undefined ? "" : `${caller.thread.id}:${caller.call.id}`}`;
    const known = this.#threads.get(key);
    if (known !== undefined) return known;
    if (MOST_SITUATIONS * 5 < this.#threads.size) this.#threads.clear();
    const thread = { id: this.#nextThread++, part, state, caller };
    this.#threads.set(key, thread);
    return thread;
  }

  /** What the threads do without reading: call parts, and return from parts that are accepted. */
  #situationOf(from: readonly Thread[]): Situation {
    const reading = new Set<Thread>();
    const seen = new Set<Thread>();
    let accepts = false;
    const open = [...from].reverse();
    while (0 < open.length && reading.size < MOST_THREADS && seen.size < DEEPEST_CALL * 10) {
      const thread = open.pop()!;
      if (seen.has(thread)) continue;
      seen.add(thread);
      const { part, state, caller } = thread;
      const tag = part.kind === "flat" ? part.automaton.tag(state) : part.accepts(state) ? 0 : REJECTED;
      if (tag !== REJECTED) {
        if (caller === undefined) accepts = true;
        else {
          const resumed = caller.call.resume(tag);
          if (resumed !== DEAD) open.push(this.#thread(caller.thread.part, resumed, caller.thread.caller));
        }
      }
      if (part.kind === "flat") {
        if (part.automaton.continues(state)) reading.add(thread);
        continue;
      }
      if (part.reads(state)) reading.add(thread);
      const calls = part.calls(state);
      for (let i = calls.length - 1; 0 <= i; i--) {
        const call = calls[i]!;
        const start = startOf(call.part);
        if (start !== DEAD) open.push(this.#thread(call.part, start, this.#callerOf(thread, call)));
      }
    }
    return this.#intern([...reading], accepts);
  }

  /** A call behind which its caller has nothing more to do returns to the caller's own caller. */
  #callerOf(thread: Thread, call: Call): Thread["caller"] {
    const { part, caller } = thread;
    if (part.kind !== "calling" || call.part.kind === "flat") return { thread, call };
    const resumed = call.resume(0);
    const isLast =
      resumed !== DEAD && part.accepts(resumed) && !part.reads(resumed) && part.calls(resumed).length === 0;
    return isLast && caller !== undefined && caller.thread.part.kind === "calling" && caller.call.part === part
      ? { thread: caller.thread, call: { ...caller.call, part: call.part } }
      : { thread, call };
  }

  #intern(threads: readonly Thread[], accepts: boolean): Situation {
    if (threads.length === 0 && !accepts) return this.dead;
    const key = `${accepts ? "a" : ""}${threads
      .map((it) => it.id)
      .sort((a, b) => a - b)
      .join()}`;
    const known = this.#situations.get(key);
    if (known !== undefined) return known;
    if (MOST_SITUATIONS < this.#situations.size) {
      this.#situations.clear();
      this.#steps.clear();
    }
    const situation = { id: this.#nextSituation++, threads, accepts };
    this.#situations.set(key, situation);
    return situation;
  }

  #partId(part: Part): number {
    let id = this.#partIds.get(part);
    if (id === undefined) this.#partIds.set(part, (id = this.#partIds.size));
    return id;
  }
}

function startOf(part: Part): number {
  return part.kind === "flat" ? part.automaton.start : part.start;
}

function shortestOf({ part, state }: Thread): number {
  return part.kind === "flat" ? part.automaton.shortest(state) : part.shortest(state);
}

/** What is left to do for everybody around a thread that called. */
function restOf({ caller }: Thread): number {
  return caller === undefined ? 0 : caller.call.rest + restOf(caller.thread);
}
