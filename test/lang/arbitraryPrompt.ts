/** Prompts as people write them, with white space wherever it may stand, for properties. */

import fc from "fast-check";

const names = fc.constantFrom(
  "a",
  "b",
  "list",
  "it",
  "a.b",
  "this",
  ".",
  "../a",
  "./b",
  "@index",
  "a.[b  c]",
  "else-a",
  "elsewhere",
  "@gen.x",
);
const texts = fc.constantFrom(
  '"x"',
  "'y'",
  '"a  {{b}} c"',
  "'it \"is\" }}'",
  '"q\\"  q"',
  '""',
  "'two\n  lines'",
  '"~ = ( ) | !--"',
);
const literals = fc.constantFrom("1", "-2.5", "true", "false", "null", "undefined");
const keys = fc.constantFrom("stop", "tokens", "k", "data-x");
const space = fc.constantFrom("", "", " ", "  ", "\t", "\n", "\r\n  ", " \n\n ");
const gap = fc.constantFrom(" ", " ", "   ", "\n", "\r\n", "\n      ", "\t ");
const tilde = fc.constantFrom("", "", "", "~");
const plainText = fc.constantFrom(
  "Hello  you ",
  "\n",
  "\r\n",
  "  \n\t",
  "\n\n  ",
  "{ a }",
  "}} ",
  "= ( x )",
  "\\",
  " \\{{ a  b }}",
  "\\\\",
  "é \ud83d\ude00",
);
const untouched = fc.constantFrom(
  "{{! a  b }}",
  "{{!-- {{ a }}  --}}",
  "{{~!  c ~}}",
  "{{{{raw  a }}}} {{ b }}  {{{{/raw}}}}",
);

function joined(...parts: readonly (fc.Arbitrary<string> | string)[]): fc.Arbitrary<string> {
  return fc.tuple(...parts.map((it) => (typeof it === "string" ? fc.constant(it) : it))).map((it) => it.join(""));
}

function many(of: fc.Arbitrary<string>, maxLength: number): fc.Arbitrary<string> {
  return fc.array(of, { maxLength }).map((it) => it.join(""));
}

const { node } = fc.letrec<{ argument: string; call: string; node: string }>((tie) => {
  const value = fc.oneof(
    { depthSize: "small" },
    names,
    texts,
    literals,
    joined("(", space, fc.constantFrom("lookup", "f"), gap, tie("argument"), space, ")"),
  );
  const call = joined(
    fc.constantFrom("json", "f", "lookup", "gen", "select"),
    many(joined(gap, tie("argument")), 3),
    many(joined(gap, keys, space, "=", space, tie("argument")), 2),
  );
  const inside = many(tie("node"), 3);
  const open = (sign: string, head: fc.Arbitrary<string> | string) =>
    joined("{{", tilde, sign, space, head, space, tilde, "}}");
  const mustache = fc.oneof(
    open("", names),
    open("", tie("call")),
    open("&", tie("call")),
    joined("{{", tilde, "{", space, tie("call"), space, "}", tilde, "}}"),
  );
  const branch = fc.oneof(
    fc.constant(""),
    joined(fc.oneof(joined("{{", tilde, space, "else", space, tilde, "}}"), open("^", "")), inside),
    joined(
      "{{",
      tilde,
      space,
      "else",
      gap,
      "if",
      gap,
      tie("argument"),
      space,
      tilde,
      "}}",
      inside,
      "{{ else }}",
      inside,
    ),
  );
  const blocks = fc
    .constantFrom("if", "unless", "each", "with")
    .chain((name) => joined(open("#", joined(name, gap, tie("argument"))), inside, branch, open("/", name)));
  const each = joined(
    open("#", joined("each", gap, "list", gap, "as", gap, "|", space, "it", gap, "i", space, "|")),
    inside,
    "{{/each}}",
  );
  const inverse = joined(open("^", "a"), inside, open("/", "a"));
  const partials = fc.oneof(
    open(">", joined("part", many(joined(gap, keys, space, "=", space, tie("argument")), 2))),
    joined(open("#>", "part"), inside, open("/", "part")),
    joined("{{#*inline", gap, '"own"', space, "}}", inside, "{{/inline}}{{>", space, "own}}"),
  );
  const roles = fc.constantFrom('{{ role  "user" }}', '{{role "model"}}', "{{ history }}", '{{gen  "x"  tokens = 3 }}');
  return {
    argument: value,
    call,
    node: fc.oneof({ depthSize: "small" }, plainText, untouched, roles, mustache, blocks, each, inverse, partials),
  };
});

const yamlLines = fc.constantFrom(
  "model:   x",
  "# a comment  ",
  "",
  "   ",
  "input:\n    schema:\n        a:   string\n        list(array): string",
  "input: {default: {a: 1,  b: [1,2 , 3]}}",
  "config:\n  temperature:    0.50  # warm",
  "description: >-\n    folded\n    text\n\n    here",
  "x.note:   |\n   literal\n     deeper\n\n",
  "x.kept: |+\n  kept\n\n\n",
  'x.quoted:  "a\\u00e9 \\\n    b"',
  "x.plain: one\n    two",
  "x.list:\n-   1\n-  - 2\n   - 3\n- k:   v\n  l: w",
  "x.flow: {a: [1,\n  2], 'b':  \"c\",}",
  "x.anchor: &n   {a: 1}\nx.alias:   *n",
  "x.tag: !!str   1",
  "? x.explicit\n:   1",
  "x.null:",
  "x.empty: [ ]",
  "x.comment: # here\n    - 1 # one\n    # two\n    - 2",
  "x.bad: [1",
  "- x",
);

const body = many(node, 6);
const frontMatter = fc
  .tuple(fc.array(yamlLines, { maxLength: 5 }), fc.constantFrom("", " ", "\t"))
  .map(([lines, space]) => `---${space}\n${lines.map((it) => `${it}\n`).join("")}---${space}\n`);

export const arbitraryPrompt: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom("", "", "\uFEFF", "# licence\n"),
    fc.option(frontMatter, { nil: "" }),
    body,
    fc.constantFrom("\n", "\n", "\r\n"),
  )
  .map(([before, head, rest, lineBreak]) => (before + head).replace(/\n/g, lineBreak) + rest);

/** Pieces of tags and fences. */
export const brokenPieces: readonly string[] = [
  "---\n",
  "{{",
  "}}",
  "{{{",
  "}}}",
  "{{#if x}}",
  "{{/if}}",
  "{{else}}",
  "{{^}}",
  "{{>",
  "(",
  ")",
  "=",
  "|",
  "as |x|",
  "~",
  "\\{{",
  "{{!--",
  "{{{{raw}}}}",
  "{{{{/raw}}}}",
  "<system>",
  "\u0000",
  "\ud800",
  "\r",
  ": ",
  "- ",
];

/** Pieces of the above in an order that mostly makes no sense. */
export const brokenPrompt: fc.Arbitrary<string> = many(
  fc.oneof(
    fc.constantFrom(...brokenPieces),
    names,
    texts,
    plainText,
    space,
    yamlLines,
    node,
    fc.string({ unit: "binary", maxLength: 5 }),
  ),
  12,
);
