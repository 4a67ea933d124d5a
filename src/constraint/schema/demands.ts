/** Sets of schemas that a value must satisfy, or must not: numbered, so that equal sets are one. */

import type { Json } from "../../base/json.js";
import type { Located } from "./documents.js";

export interface Demand {
  readonly id: number;
  readonly at: Located;
  readonly negated: boolean;
}

export interface Demands {
  readonly id: number;
  readonly list: readonly Demand[];
}

export interface DemandTable {
  readonly anything: Demands;
  readonly nothing: Demands;
  one(at: Located, negated?: boolean): Demands;
  /** The value is this one. */
  equalTo(value: Json): Demands;
  join(a: Demands, b: Demands): Demands;
}

export function createDemands(): DemandTable {
  const demands = new Map<string, Demand>();
  const sets = new Map<string, Demands>();
  const setOf = (list: readonly Demand[]): Demands => {
    const key = list.map((it) => it.id).join();
    let found = sets.get(key);
    if (found === undefined) sets.set(key, (found = { id: sets.size, list }));
    return found;
  };
  const anything = setOf([]);
  const one = (at: Located, negated = false): Demands => {
    if (at.schema === !negated) return anything;
    const key = `${negated ? "!" : ""}${at.base}${at.path}`;
    let demand = demands.get(key);
    if (demand === undefined) demands.set(key, (demand = { id: demands.size, at, negated }));
    return setOf([demand]);
  };
  return {
    anything,
    nothing: one({ schema: false, base: "", path: "false" }),
    one,
    equalTo: (value) => one({ schema: { const: value }, base: "", path: `const ${JSON.stringify(value)}` }),
    join(a, b) {
      if (a === b || b.list.length === 0) return a;
      if (a.list.length === 0) return b;
      const merged = new Map([...a.list, ...b.list].map((it) => [it.id, it]));
      return setOf([...merged.values()].sort((x, y) => x.id - y.id));
    },
  };
}
