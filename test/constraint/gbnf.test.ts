// Grammars in GBNF accept what a plain Earley recogniser derives from them (Earley 1970).

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { TillerError } from "../../src/base/error.js";
import { compileMachine } from "../../src/constraint/constraint.js";
import { parseGrammar, type Grammar, type GrammarNode } from "../../src/constraint/gbnf/parse.js";
import type { Machine } from "../../src/constraint/machine.js";

for (const [title, gbnf, good, bad] of [
  ["a literal", 'root ::= "yes" | "no"', ["yes", "no"], ["", "ye", "yesno"]],
  ["recursion", 'root ::= "(" root ")" | "x"', ["x", "((x))"], ["(x", "()", "x)"]],
  ["two rules that call each other", 'root ::= a\na ::= "a" b | "."\nb ::= "b" a', [".", "ab.", "abab."], ["a.", "ab"]],
  ["classes and repetitions", "root ::= [a-c]+ [^x-z]{2} .?", ["a12", "abc1é", "a123"], ["a1", "axy"]],
  ["escapes", 'root ::= "\\n\\x41\\u00e9" [\\]\\-]', ["\nAé]", "\nAé-"], ["\nAé"]],
  ["comments and line breaks in groups", 'root ::= ( # first\n "a" |\n "b" ) "c" # last\n', ["ac", "bc"], ["c"]],
  ["rules with - in their names", 'root ::= my-rule*\nmy-rule ::= "a" "b"?', ["", "aab"], ["b"]],
] as const) {
  test(`${title}: what the grammar says`, () => {
    const machine = compileMachine({ kind: "grammar", gbnf });
    for (const it of good) assert.ok(accepts(machine, it), it);
    for (const it of bad) assert.ok(!accepts(machine, it), it);
  });
}

for (const [gbnf, code, message] of [
  ['root ::= "a', "constraint-invalid", /the text is never closed, at line 1, column 10/],
  ["root ::= b\n", "constraint-invalid", /the rule "b" is not defined, at line 1, column 10/],
  ['start ::= "a"', "constraint-invalid", /no rule is called "root"/],
  ['root ::= ("a"', "constraint-invalid", /"\(" is never closed/],
  ['root = "a"', "constraint-invalid", /expected "::="/],
  ['root ::= "a"\nroot ::= "b"', "constraint-invalid", /defined twice, at line 2, column 1/],
  ['root ::= root "a" | "b"', "constraint-unsupported", /begins with itself/],
  ['root ::= a "x"\na ::= "z"? root | "y"', "constraint-unsupported", /begins with itself/],
  ['root ::= "a" root', "constraint-invalid", /Nothing satisfies/],
  ['root ::= ("a"{1,1000}){1,1000}', "constraint-unsupported", /states/],
] as const) {
  test(`${JSON.stringify(gbnf)} is refused with the reason`, () => {
    assert.throws(() => compileMachine({ kind: "grammar", gbnf }), { code, message });
  });
}

test("random grammars accept what Earley's recogniser accepts", () => {
  const atom = fc.constantFrom('"a"', '"b"', '"ab"', "[ab]", "root", "x", "y", "[^a]");
  const item = fc.tuple(atom, fc.constantFrom("", "", "", "*", "?", "+", "{1,2}")).map(([a, q]) => a + q);
  const sequence = fc.array(item, { minLength: 1, maxLength: 3 }).map((it) => it.join(" "));
  const body = fc.array(sequence, { minLength: 1, maxLength: 3 }).map((it) => it.join(" | "));
  const grammar = fc
    .tuple(body, body, body)
    .map(([r, x, y]) => `root ::= ${r}\nx ::= "a" (${x}) | "b"\ny ::= "b" (${y}) | "a"`);
  const text = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 7 });
  let compared = 0;
  fc.assert(
    fc.property(grammar, fc.array(text, { minLength: 5, maxLength: 12 }), (gbnf, texts) => {
      const rules = parseGrammar(gbnf);
      const machine = compile(gbnf);
      if (machine === undefined) return;
      for (const it of texts) {
        compared++;
        assert.equal(accepts(machine, it), derives(rules, it), `${gbnf} on ${JSON.stringify(it)}`);
      }
    }),
    { numRuns: 400, seed: 3 },
  );
  assert.ok(1000 < compared, `only ${compared} compared`);
});

function compile(gbnf: string): Machine | undefined {
  try {
    return compileMachine({ kind: "grammar", gbnf });
  } catch (error) {
    if (error instanceof TillerError) return undefined;
    throw error;
  }
}

function accepts(machine: Machine, text: string): boolean {
  let situation = machine.begin();
  for (const byte of new TextEncoder().encode(text)) situation = machine.step(situation, byte);
  return situation.accepts;
}

/** A production is a list of names and sets of characters; every group has a rule of its own. */
type Symbol = string | Extract<GrammarNode, { kind: "set" }>;

function derives(grammar: Grammar, text: string): boolean {
  const productions = new Map<string, Symbol[][]>();
  const named = (node: GrammarNode): Symbol => {
    if (node.kind === "set") return node;
    if (node.kind === "rule") return node.name;
    const name = `#${productions.size}`;
    productions.set(name, []);
    productions.set(name, bodies(node, name));
    return name;
  };
  const bodies = (node: GrammarNode, self: string): Symbol[][] => {
    switch (node.kind) {
      case "either":
        return node.items.map((it) => [named(it)]);
      case "sequence":
        return [node.items.map(named)];
      case "repeat": {
        const item = named(node.item);
        const least = Array<Symbol>(node.min).fill(item);
        if (node.max === Infinity) {
          const more = `${self}*`;
          productions.set(more, [[], [item, more]]);
          return [[...least, more]];
        }
        return Array.from({ length: node.max - node.min + 1 }, (_, i) => [...least, ...Array<Symbol>(i).fill(item)]);
      }
      default:
        return [[named(node)]];
    }
  };
  for (const [name, node] of grammar) productions.set(name, bodies(node, name));

  interface Item {
    readonly rule: string;
    readonly body: readonly Symbol[];
    readonly dot: number;
    readonly from: number;
  }
  const characters = [...text];
  const columns: Map<string, Item>[] = Array.from({ length: characters.length + 1 }, () => new Map<string, Item>());
  const ids = new Map<readonly Symbol[], number>();
  const add = (column: number, item: Item) => {
    if (!ids.has(item.body)) ids.set(item.body, ids.size);
    columns[column]!.set(`${item.rule}/${ids.get(item.body)}/${item.dot}/${item.from}`, item);
  };
  for (const body of productions.get("root")!) add(0, { rule: "root", body, dot: 0, from: 0 });
  for (let at = 0; at <= characters.length; at++) {
    // Again until nothing is new: rules that derive nothing complete where they begin.
    for (let size = -1; size !== columns[at]!.size;) {
      size = columns[at]!.size;
      for (const item of [...columns[at]!.values()]) {
        const next = item.body[item.dot];
        if (next === undefined) {
          for (const it of [...columns[item.from]!.values()])
            if (it.body[it.dot] === item.rule) add(at, { ...it, dot: it.dot + 1 });
        } else if (typeof next === "string") {
          for (const body of productions.get(next)!) add(at, { rule: next, body, dot: 0, from: at });
        } else if (at < characters.length) {
          const point = characters[at]!.codePointAt(0)!;
          if (next.ranges.some(([low, high]) => low <= point && point <= high))
            add(at + 1, { ...item, dot: item.dot + 1 });
        }
      }
    }
  }
  return [...columns[characters.length]!.values()].some(
    ({ rule, body, dot, from }) => rule === "root" && from === 0 && dot === body.length,
  );
}
