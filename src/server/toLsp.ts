/** Our findings as the protocol says them. */

import {
  CompletionItemKind,
  DiagnosticSeverity,
  FoldingRangeKind,
  InsertTextFormat,
  SymbolKind,
  type CompletionItem,
  type Diagnostic as LspDiagnostic,
  type DocumentSymbol,
  type FoldingRange,
  type Range,
  type TextEdit as LspTextEdit,
} from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";

import type { Span } from "../base/text.js";
import type { Diagnostic, Severity } from "../lang/diagnostic.js";
import type { Completion } from "../lang/editor/completionItem.js";
import type { TextEdit } from "../lang/edit.js";
import type { Fold } from "../lang/editor/folding.js";
import type { OutlineItem } from "../lang/editor/outline.js";
import { tokenTypes, type SemanticToken } from "../lang/editor/semanticTokens.js";

export function rangeOf(document: TextDocument, { start, end }: Span): Range {
  return { start: document.positionAt(start), end: document.positionAt(end) };
}

/** A document for the places of a file that is not open. */
export function documentOf(uri: string, text: string): TextDocument {
  return TextDocument.create(uri, "dotprompt", 0, text);
}

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
};

export function diagnosticItem(
  { code, severity, span, message, notes }: Diagnostic,
  document: TextDocument,
): LspDiagnostic {
  const related = notes?.map((it) => ({
    location: { uri: document.uri, range: rangeOf(document, it.span) },
    message: it.message,
  }));
  return {
    source: "tiller",
    code,
    severity: severities[severity],
    range: rangeOf(document, span),
    message,
    ...(related && { relatedInformation: related }),
    // Grays the text out, as for unused code elsewhere.
    ...(code === "unused-variable" && { tags: [1] }),
  };
}

const completionKinds: Readonly<Record<Completion["kind"], CompletionItemKind>> = {
  key: CompletionItemKind.Property,
  value: CompletionItemKind.EnumMember,
  variable: CompletionItemKind.Variable,
  field: CompletionItemKind.Field,
  helper: CompletionItemKind.Function,
  partial: CompletionItemKind.Module,
  role: CompletionItemKind.EnumMember,
  hole: CompletionItemKind.Reference,
  data: CompletionItemKind.Constant,
  snippet: CompletionItemKind.Snippet,
  file: CompletionItemKind.File,
};

export function completionItem(it: Completion, document: TextDocument): CompletionItem {
  return {
    label: it.label,
    kind: completionKinds[it.kind],
    ...(it.detail !== undefined && { detail: it.detail }),
    ...(it.doc !== undefined && { documentation: { kind: "markdown", value: it.doc } }),
    insertTextFormat: InsertTextFormat.Snippet,
    textEdit: { range: rangeOf(document, it.span), newText: it.insert },
    sortText: `${it.rank ?? 5}${it.label}`,
    // What was typed of a path counts as a whole.
    filterText: it.label,
  };
}

const symbolKinds: Readonly<Record<OutlineItem["kind"], SymbolKind>> = {
  settings: SymbolKind.Namespace,
  key: SymbolKind.Property,
  message: SymbolKind.Class,
  hole: SymbolKind.Field,
  partial: SymbolKind.Module,
};

export function symbolItem(it: OutlineItem, document: TextDocument): DocumentSymbol {
  return {
    name: it.name === "" ? "(no name)" : it.name,
    detail: it.detail,
    kind: symbolKinds[it.kind],
    range: rangeOf(document, it.span),
    selectionRange: rangeOf(document, it.nameSpan),
    children: it.children.map((child) => symbolItem(child, document)),
  };
}

export function foldItem({ span, kind }: Fold, document: TextDocument): FoldingRange {
  const { start, end } = rangeOf(document, span);
  return {
    startLine: start.line,
    endLine: end.line,
    kind: kind === "comment" ? FoldingRangeKind.Comment : FoldingRangeKind.Region,
  };
}

/** Five numbers a token: lines and columns relative to the one before, length, type, modifiers. */
export function tokenData(tokens: readonly SemanticToken[], document: TextDocument): number[] {
  const data: number[] = [];
  let [line, character] = [0, 0];
  for (const { span, type, declaration } of tokens) {
    const at = document.positionAt(span.start);
    const column = at.line === line ? at.character - character : at.character;
    data.push(at.line - line, column, span.end - span.start, tokenTypes.indexOf(type), declaration ? 1 : 0);
    [line, character] = [at.line, at.character];
  }
  return data;
}

export function editItem({ span, text }: TextEdit, document: TextDocument): LspTextEdit {
  return { range: rangeOf(document, span), newText: text };
}
