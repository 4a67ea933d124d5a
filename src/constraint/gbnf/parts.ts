/** A grammar as parts of a machine: rules that do not come back to themselves as flat automata, the others as calls. */

import { TillerError } from "../../base/error.js";
import { fromRegex } from "../language.js";
import type { Call, CallingPart, Part } from "../machine.js";
import { tagged } from "../product.js";
import { unsupported } from "../refuse.js";
import type { Regex } from "../regex/syntax.js";
import { utf8Sequences } from "../regex/utf8.js";
import type { Grammar, GrammarNode } from "./parse.js";

/** States of all rules together. */
const MOST_STATES = 100_000;

interface Network {
  readonly start: number;
  readonly accept: number;
  /** Bytes from, bytes to, state: three numbers for each edge. */
  readonly edges: readonly (readonly number[])[];
  readonly free: readonly (readonly number[])[];
  readonly rules: readonly (readonly { readonly name: string; readonly to: number }[])[];
}

/** Throws `constraint-unsupported` for left recursion and for grammars that are too large. */
export function grammarPart(grammar: Grammar): Part {
  const recursive = recursiveRules(grammar);
  const networks = new Map<string, Network>();
  const sizes = new Map<string, number>();
  const parts = new Map<string, Part>();
  let states = 0;
  let calls = 0;

  for (const name of recursive) networks.set(name, toNetwork(grammar.get(name)!));
  refuseLeftRecursion(networks);
  for (const name of grammar.keys()) if (!recursive.has(name)) parts.set(name, flatPart(name));
  for (const [name, part] of parts)
    sizes.set(
      name,
      part.kind === "flat" && 0 <= part.automaton.start ? part.automaton.shortest(part.automaton.start) : Infinity,
    );
  const distances = solve();
  for (const name of recursive) parts.set(name, callingPart(name));
  return parts.get("root")!;

  function flatPart(name: string): Part {
    try {
      return { kind: "flat", automaton: tagged(fromRegex(inlined(grammar.get(name)!))) };
    } catch (error) {
      if (error instanceof TillerError) error.message = `Rule "${name}": ${error.message}`;
      throw error;
    }
  }

  function inlined(node: GrammarNode): Regex {
    if (MOST_STATES < ++states) throw unsupported("The grammar unfolds to more than can be held.");
    switch (node.kind) {
      case "rule":
        return inlined(grammar.get(node.name)!);
      case "sequence":
      case "either":
        return { kind: node.kind, items: node.items.map(inlined) };
      case "repeat":
        return { ...node, item: inlined(node.item) };
      default:
        return node;
    }
  }

  function toNetwork(body: GrammarNode): Network {
    const edges: number[][] = [];
    const free: number[][] = [];
    const rules: { name: string; to: number }[][] = [];
    const newState = () => {
      if (MOST_STATES < ++states) throw unsupported("The grammar is too large: use smaller numbers of repetitions.");
      edges.push([]);
      rules.push([]);
      return free.push([]) - 1;
    };
    const build = (node: GrammarNode, from: number): number => {
      switch (node.kind) {
        case "rule": {
          const to = newState();
          rules[from]!.push({ name: node.name, to });
          return to;
        }
        case "sequence":
          return node.items.reduce((state, it) => build(it, state), from);
        case "either": {
          const end = newState();
          for (const it of node.items) {
            const begin = newState();
            free[from]!.push(begin);
            free[build(it, begin)]!.push(end);
          }
          return end;
        }
        case "repeat": {
          let state = from;
          for (let i = 0; i < node.min; i++) state = build(node.item, state);
          const end = newState();
          if (node.max === Infinity) {
            free[state]!.push(end);
            free[build(node.item, end)]!.push(end);
            return end;
          }
          for (let i = node.min; i < node.max; i++) {
            free[state]!.push(end);
            state = build(node.item, state);
          }
          free[state]!.push(end);
          return end;
        }
        default: {
          const end = newState();
          for (const sequence of node.ranges.flatMap(([low, high]) => utf8Sequences(low, high))) {
            const last = sequence.length - 1;
            sequence.reduce((state, [low, high], i) => {
              const to = i === last ? end : newState();
              edges[state]!.push(low, high, to);
              return to;
            }, from);
          }
          return end;
        }
      }
    };
    const start = newState();
    return { start, accept: build(body, start), edges, free, rules };
  }

  /** Least bytes from each state to the end of its rule, around and around until nothing changes. */
  function solve(): Map<string, Float64Array> {
    const found = new Map([...networks].map(([name, it]) => [name, new Float64Array(it.edges.length).fill(Infinity)]));
    for (const name of networks.keys()) sizes.set(name, Infinity);
    for (let changed = true; changed;) {
      changed = false;
      for (const [name, network] of networks) {
        const own = found.get(name)!;
        own[network.accept] = 0;
        for (let state = own.length - 1; 0 <= state; state--) {
          let best = own[state]!;
          for (const to of network.free[state]!) best = Math.min(best, own[to]!);
          for (let i = 2; i < network.edges[state]!.length; i += 3)
            best = Math.min(best, 1 + own[network.edges[state]![i]!]!);
          for (const it of network.rules[state]!) best = Math.min(best, sizes.get(it.name)! + own[it.to]!);
          if (best < own[state]!) {
            own[state] = best;
            changed = true;
          }
        }
        sizes.set(name, own[network.start]!);
      }
    }
    return found;
  }

  function callingPart(name: string): CallingPart {
    const network = networks.get(name)!;
    const own = distances.get(name)!;
    const closures = new Map<number, readonly number[]>();
    const callLists = new Map<number, readonly Call[]>();
    const closure = (state: number): readonly number[] => {
      let found = closures.get(state);
      if (found === undefined) {
        const all = new Set<number>([state]);
        for (const it of all) for (const to of network.free[it]!) all.add(to);
        closures.set(state, (found = [...all].filter((it) => own[it]! < Infinity)));
      }
      return found;
    };
    const callsOf = (state: number): readonly Call[] => {
      let found = callLists.get(state);
      if (found === undefined) {
        const possible = closure(state)
          .flatMap((it) => network.rules[it]!)
          .filter((it) => sizes.get(it.name)! < Infinity && own[it.to]! < Infinity);
        found = possible.map((it) => ({
          id: calls++,
          part: parts.get(it.name)!,
          resume: () => it.to,
          rest: own[it.to]!,
        }));
        callLists.set(state, found);
      }
      return found;
    };
    return {
      kind: "calling",
      start: network.start,
      step(state, byte) {
        const found = new Set<number>();
        for (const it of closure(state)) {
          const edges = network.edges[it]!;
          for (let i = 0; i < edges.length; i += 3) {
            const to = edges[i + 2]!;
            if (edges[i]! <= byte && byte <= edges[i + 1]! && own[to]! < Infinity) found.add(to);
          }
        }
        return [...found];
      },
      calls: callsOf,
      accepts: (state) => closure(state).includes(network.accept),
      reads: (state) => closure(state).some((it) => 0 < network.edges[it]!.length),
      shortest: (state) => own[state]!,
    };
  }

  /** Rules that can come back to their beginning without reading anything. */
  function refuseLeftRecursion(all: ReadonlyMap<string, Network>): void {
    const nullable = nullableRules(grammar);
    const first = new Map(
      [...all].map(([name, { start, free, rules }]) => {
        const reached = new Set<number>([start]);
        const named = new Set<string>();
        for (const state of reached) {
          for (const to of free[state]!) reached.add(to);
          for (const it of rules[state]!) {
            named.add(it.name);
            if (nullable.has(it.name)) reached.add(it.to);
          }
        }
        return [name, named] as const;
      }),
    );
    for (const name of all.keys()) {
      const seen = new Set<string>(first.get(name));
      for (const it of seen) for (const next of first.get(it) ?? []) seen.add(next);
      if (seen.has(name))
        throw unsupported(`The rule "${name}" begins with itself (left recursion). Write the repetition with * or +.`);
    }
  }
}

function rulesIn(node: GrammarNode): readonly string[] {
  switch (node.kind) {
    case "rule":
      return [node.name];
    case "sequence":
    case "either":
      return node.items.flatMap(rulesIn);
    case "repeat":
      return rulesIn(node.item);
    default:
      return [];
  }
}

/** Rules that lead to themselves, and all that lead to those: they cannot be unfolded. */
function recursiveRules(grammar: Grammar): ReadonlySet<string> {
  const uses = new Map([...grammar].map(([name, node]) => [name, new Set(rulesIn(node))]));
  const settled = new Set<string>();
  for (let changed = true; changed;) {
    changed = false;
    for (const [name, used] of uses) {
      if (settled.has(name) || ![...used].every((it) => settled.has(it))) continue;
      settled.add(name);
      changed = true;
    }
  }
  return new Set([...grammar.keys()].filter((it) => !settled.has(it)));
}

function nullableRules(grammar: Grammar): ReadonlySet<string> {
  const found = new Set<string>();
  const isNullable = (node: GrammarNode): boolean => {
    switch (node.kind) {
      case "rule":
        return found.has(node.name);
      case "sequence":
        return node.items.every(isNullable);
      case "either":
        return node.items.some(isNullable);
      case "repeat":
        return node.min === 0 || isNullable(node.item);
      default:
        return false;
    }
  };
  for (let changed = true; changed;) {
    changed = false;
    for (const [name, node] of grammar) {
      if (found.has(name) || !isNullable(node)) continue;
      found.add(name);
      changed = true;
    }
  }
  return found;
}
