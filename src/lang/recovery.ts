/**
 * A tree for templates that Handlebars' parser refuses, and the reasons with their places. One slip must not hide the rest:
 * an unclosed mustache ends at its line, a block without its end reaches to the end of what encloses it.
 */

import { messageOf } from "../base/error.js";
import { span, type Span } from "../base/text.js";
import type { Block, Node } from "./ast.js";
import type { Diagnostic } from "./diagnostic.js";
import { parseTemplate } from "./handlebarsTree.js";
import { nextTag, unclosedEnd } from "./templateCuts.js";

export interface Recovered {
  readonly nodes: readonly Node[];
  readonly diagnostics: readonly Diagnostic[];
}

interface OpenBlock {
  readonly name: string;
  readonly openSpan: Span;
  readonly head: Block | undefined;
  readonly body: Node[];
  inverse: Node[] | undefined;
}

/** `template` begins at `offset` in the file. */
export function recover(template: string, offset: number): Recovered {
  const diagnostics: Diagnostic[] = [];
  const root: Node[] = [];
  const open: OpenBlock[] = [];
  const here = (): Node[] => open.at(-1)?.inverse ?? open.at(-1)?.body ?? root;
  let pos = 0;
  while (pos < template.length) {
    const start = nextTag(template, pos);
    if (pos < start) here().push({ kind: "text", span: at(pos, start) });
    pos = start < template.length ? takeMustache(start) : start;
  }
  while (0 < open.length) closeUnclosed();
  return { nodes: root, diagnostics };

  function at(start: number, end: number): Span {
    return span(offset + start, offset + end);
  }

  function report(code: string, where: Span, message: string, note?: { span: Span; message: string }): void {
    diagnostics.push({ code, severity: "error", span: where, message, ...(note && { notes: [note] }) });
  }

  /** Takes what begins with the "{{" at `start`; returns the offset after it. */
  function takeMustache(start: number): number {
    const comment = /^\{\{~?!(?:--[\s\S]*?--~?\}\}|(?!--)[\s\S]*?\}\})/.exec(template.slice(start));
    if (comment !== null) {
      here().push({ kind: "comment", span: at(start, start + comment[0].length) });
      return start + comment[0].length;
    }
    const end = mustacheEnd(template, start);
    if (end === undefined) {
      const stop = unclosedEnd(template, start);
      report("unclosed-mustache", at(start, stop), 'expected "}}" to close this');
      here().push({ kind: "text", span: at(start, stop) });
      return stop;
    }
    takeClosed(start, end);
    return end;
  }

  function takeClosed(start: number, end: number): void {
    const source = template.slice(start, end);
    const [, sign, word] = /^\{\{\{?~?\s*([#^/]|else\b)?[>*]?\s*([^\s}~]*)/.exec(source) ?? [];
    if (sign === "#" || sign === "^") return openBlock(source, start, end, word ?? "");
    if (sign === "/") return closeBlock(start, end, word ?? "");
    const block = open.at(-1);
    if ((sign === "else" || /^\{\{~?\s*\^\s*~?\}\}$/.test(source)) && block !== undefined) {
      block.inverse ??= [];
      return;
    }
    here().push(...parsePiece(source, start, end));
  }

  function openBlock(source: string, start: number, end: number, name: string): void {
    const head = parsePiece(`${source}{{/${name}}}`, start, end)[0];
    open.push({
      name,
      openSpan: at(start, end),
      head: head?.kind === "block" ? head : undefined,
      body: [],
      inverse: undefined,
    });
  }

  function closeBlock(start: number, end: number, name: string): void {
    const depth = open.findLastIndex((it) => it.name === name);
    if (depth < 0) {
      report("unmatched-block", at(start, end), `expected no "{{/${name}}}": no block "${name}" is open here`);
      return;
    }
    while (depth < open.length - 1) closeUnclosed(at(start, end));
    finish(open.pop()!, offset + end);
  }

  function closeUnclosed(found?: Span): void {
    const block = open.pop()!;
    const note = found && { span: found, message: `the enclosing block ends here` };
    report("unclosed-block", block.openSpan, `expected "{{/${block.name}}}" to close this block`, note);
    finish(block, found?.start ?? offset + template.length);
  }

  function finish({ head, openSpan, body, inverse, name }: OpenBlock, end: number): void {
    const callee = { kind: "path", span: openSpan, original: name, isData: false, up: 0, parts: [name] } as const;
    here().push({
      ...(head ?? { kind: "block", callee, params: [], hash: [], blockParams: [] }),
      span: span(openSpan.start, end),
      openSpan,
      body,
      inverse: inverse ?? [],
    });
  }

  /** One mustache by Handlebars' parser; what it refuses becomes text, with the reason. */
  function parsePiece(source: string, start: number, end: number): readonly Node[] {
    try {
      return parseTemplate(source, offset + start).nodes;
    } catch (error) {
      report("invalid-expression", at(start, end), `expected a variable or a helper call: ${reasonOf(error)}`);
      return [{ kind: "text", span: at(start, end) }];
    }
  }
}

/** After the "}}" that closes the mustache; undefined when another begins first or there is none. Strings may hold braces. */
function mustacheEnd(template: string, start: number): number | undefined {
  let quote: string | undefined;
  for (let at = start + 2; at < template.length; at++) {
    const it = template[at]!;
    if (quote !== undefined) {
      if (it === "\n") return undefined;
      if (it === quote) quote = undefined;
    } else if (it === '"' || it === "'") quote = it;
    else if (template.startsWith("}}", at))
      return at + (template.startsWith("{{{", start) && template[at + 2] === "}" ? 3 : 2);
    else if (template.startsWith("{{", at) && at !== start + 1) return undefined;
  }
  return undefined;
}

function reasonOf(error: unknown): string {
  const message = messageOf(error);
  const expecting = /Expecting .*?, got '([^']+)'/.exec(message);
  if (expecting === null) return message.split("\n")[0]!;
  const names: Record<string, string> = {
    EOF: "the end",
    CLOSE: '"}}"',
    INVALID: "a character that has no place here",
    EQUALS: '"="',
  };
  return `found ${names[expecting[1]!] ?? expecting[1]!.toLowerCase()}`;
}
