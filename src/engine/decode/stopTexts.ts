/**
 * Finds the first of several stop texts in text that arrives in pieces, and holds back what may be the beginning of one. The
 * automaton is that of Aho and Corasick (1975): linear in the text, whatever the stop texts are.
 */

export interface StopScanner {
  /** Takes more text; returns what is certain to be shown, and the stop text that ended it. */
  push(text: string): { readonly text: string; readonly stopped?: string };
  /** The text that was held back: no stop text can come any more. */
  end(): string;
}

/** Empty stop texts are ignored. Of stop texts that end at the same place the longest counts. */
export function createStopScanner(stops: readonly string[]): StopScanner {
  const automaton = buildAutomaton(stops.filter((it) => it !== ""));
  let state = 0;
  let held = "";
  return {
    push(text) {
      const all = held + text;
      for (let i = held.length; i < all.length; i++) {
        state = automaton.step(state, all.charCodeAt(i));
        const stopped = automaton.stopAt(state);
        if (stopped === undefined) continue;
        held = "";
        state = 0;
        return { text: all.slice(0, i + 1 - stopped.length), stopped };
      }
      const shown = all.length - automaton.depth(state);
      held = all.slice(shown);
      return { text: all.slice(0, shown) };
    },
    end() {
      const rest = held;
      held = "";
      state = 0;
      return rest;
    },
  };
}

interface Node {
  readonly children: Map<number, number>;
  readonly depth: number;
  /** The node of the longest proper suffix that also begins a stop text. */
  suffix: number;
  stop: string | undefined;
}

function buildAutomaton(stops: readonly string[]) {
  const nodes: Node[] = [{ children: new Map(), depth: 0, suffix: 0, stop: undefined }];
  for (const stop of stops) {
    let at = 0;
    for (let i = 0; i < stop.length; i++) {
      const code = stop.charCodeAt(i);
      const { children, depth } = nodes[at]!;
      if (!children.has(code)) {
        children.set(code, nodes.push({ children: new Map(), depth: depth + 1, suffix: 0, stop: undefined }) - 1);
      }
      at = children.get(code)!;
    }
    nodes[at]!.stop = stop;
  }
  const step = (from: number, code: number): number => {
    let at = from;
    for (;;) {
      const next = nodes[at]!.children.get(code);
      if (next !== undefined) return next;
      if (at === 0) return 0;
      at = nodes[at]!.suffix;
    }
  };
  // Breadth first: a node's suffix is shorter than the node, so it is complete when it is needed.
  const queue = [0];
  for (const at of queue) {
    for (const [code, child] of nodes[at]!.children) {
      const node = nodes[child]!;
      if (at !== 0) node.suffix = step(nodes[at]!.suffix, code);
      node.stop ??= nodes[node.suffix]!.stop;
      queue.push(child);
    }
  }
  return {
    step,
    depth: (state: number) => nodes[state]!.depth,
    stopAt: (state: number) => nodes[state]!.stop,
  };
}
