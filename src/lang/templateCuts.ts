/**
 * Where a template may be cut into parts that are parsed, checked and rendered by themselves, so that a keystroke costs what its
 * part costs. A cut never changes what a template means: see `templatePieces.ts`. Where this scanner is mistaken about a tag, a part
 * does not parse, and the template is taken as a whole.
 */

/** An inline partial is known to all that stands around it. */
const decorator = /\{\{~?#?\*/;

/**
 * Offsets in ascending order, each the start of a line outside of all blocks. The line begins with text, or with a role: white
 * space and what takes it away would reach over the cut, and only behind a text Handlebars joins values as texts (it adds up
 * the numbers of `{{a}}{{b}}`).
 */
export function cutsOf(template: string): readonly number[] {
  if (decorator.test(template)) return [];
  const cuts: number[] = [];
  let depth = 0;
  let from = 0;
  while (from < template.length) {
    const tag = nextTag(template, from);
    if (depth === 0) {
      const cut = lineOfText(template, from, tag) ?? (isRoleLine(template, from, tag) ? tag : undefined);
      if (cut !== undefined) cuts.push(cut);
    }
    if (tag === template.length) break;
    const end = tagEnd(template, tag);
    // What closes nothing, or is not closed, is a mistake of its part alone.
    if (end !== undefined) depth = Math.max(0, depth + deeper(template, tag));
    from = end ?? unclosedEnd(template, tag);
  }
  return cuts;
}

/** The first line between the two that begins with text. */
function lineOfText(template: string, from: number, end: number): number | undefined {
  for (let at = template.indexOf("\n", from) + 1; 0 < at && at < end; at = template.indexOf("\n", at) + 1)
    if (/[^\s\\{]/.test(template[at]!)) return at;
  return undefined;
}

function isRoleLine(template: string, from: number, tag: number): boolean {
  return from < tag && template[tag - 1] === "\n" && template.startsWith('{{role "', tag);
}

/** The next "{{" that no backslash takes away, or the end. */
export function nextTag(template: string, from: number): number {
  let at = template.indexOf("{{", from);
  while (0 < at && template[at - 1] === "\\" && template[at - 2] !== "\\") at = template.indexOf("{{", at + 2);
  return at < 0 ? template.length : at;
}

function deeper(template: string, tag: number): -1 | 0 | 1 {
  const sign = template[tag + 2] === "~" ? tag + 3 : tag + 2;
  switch (template[sign]) {
    case "#":
      return 1;
    case "/":
      return -1;
    case "^": // `{{^}}` is the `else` of a block
      return /[\s~}]/.test(template[sign + 1] ?? "}") ? 0 : 1;
    default:
      return 0;
  }
}

/** After the braces that close the tag; undefined when another begins first or nothing closes it. */
function tagEnd(template: string, tag: number): number | undefined {
  if (/^\{\{~?!--/.test(template.slice(tag, tag + 6))) return after(template, /--~?\}\}/g, tag);
  if (template.startsWith("{{{{", tag)) return after(template, /\{\{\{\{\/[^}]*\}\}\}\}/g, tag + 4);
  const end = after(template, template.startsWith("{{{", tag) ? /\}~?\}\}/g : /\}\}/g, tag);
  if (end === undefined || /^\{\{~?!/.test(template.slice(tag, tag + 4))) return end;
  const another = template.indexOf("{{", tag + 2);
  return 0 <= another && another < end ? undefined : end;
}

function after(template: string, closing: RegExp, from: number): number | undefined {
  closing.lastIndex = from;
  const found = closing.exec(template);
  return found === null ? undefined : found.index + found[0].length;
}

/** The end of its line, or the next "{{". */
export function unclosedEnd(template: string, tag: number): number {
  const ends = /[\r\n]|\{\{/g;
  ends.lastIndex = tag + 2;
  return ends.exec(template)?.index ?? template.length;
}
