/**
 * What the language server answers: diagnostics of every open prompt, anew with each change of it or of a partial. Each answer
 * is computed from the whole text; that takes milliseconds and cannot get out of step.
 */

import {
  DiagnosticSeverity,
  TextDocuments,
  TextDocumentSyncKind,
  type Connection,
  type Diagnostic as LspDiagnostic,
  type Range,
} from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";

import type { Span } from "../base/text.js";
import { check, type CheckOptions } from "../lang/check.js";
import type { Diagnostic, Severity } from "../lang/diagnostic.js";
import { hover } from "../lang/hover.js";
import { parse } from "../lang/parser.js";

/** The source of partial `name` as the document at `uri` finds it. Must not throw. */
export type ReadPartial = (uri: string, name: string) => string | undefined;

/** The text of the file of shots that the document at `uri` calls `name`. Must not throw. */
export type ReadShotsFile = (uri: string, name: string) => string | undefined;

/** Keystrokes closer together than this are checked once. */
const PAUSE_MS = 50;

export function serveLanguage(connection: Connection, readPartial: ReadPartial, readShotsFile: ReadShotsFile): void {
  const documents = new TextDocuments(TextDocument);
  const waiting = new Map<string, NodeJS.Timeout>();

  connection.onInitialize(() => ({
    capabilities: { textDocumentSync: TextDocumentSyncKind.Incremental, hoverProvider: true },
    serverInfo: { name: "tiller" },
  }));
  documents.onDidChangeContent(({ document }) => later(document));
  documents.onDidClose(({ document }) => {
    clearTimeout(waiting.get(document.uri));
    waiting.delete(document.uri);
    void connection.sendDiagnostics({ uri: document.uri, diagnostics: [] });
  });
  connection.onHover(({ textDocument, position }) => {
    const document = documents.get(textDocument.uri);
    const found = document && hover(parse(document.getText()).file, document.offsetAt(position));
    return found && { contents: { kind: "markdown", value: found.markdown }, range: rangeOf(document, found.span) };
  });
  // A partial was changed on disk: whoever uses it may be right or wrong now.
  connection.onDidChangeWatchedFiles(() => documents.all().forEach(later));
  documents.onDidSave(() => documents.all().forEach(later));
  documents.listen(connection);

  function later(document: TextDocument): void {
    clearTimeout(waiting.get(document.uri));
    waiting.set(
      document.uri,
      setTimeout(() => publish(document.uri), PAUSE_MS),
    );
  }

  function publish(uri: string): void {
    waiting.delete(uri);
    const document = documents.get(uri);
    if (document === undefined) return;
    const { version } = document;
    void connection.sendDiagnostics({ uri, version, diagnostics: diagnose(document) });
  }

  /** One guard for the whole request: a check that fails must not take the server down. */
  function diagnose(document: TextDocument): LspDiagnostic[] {
    try {
      const partial = (name: string) => openPartial(document.uri, name) ?? readPartial(document.uri, name);
      return diagnosticsOf(document, { partial, shots: (name) => readShotsFile(document.uri, name) });
    } catch (error) {
      connection.console.error(
        `checking ${document.uri} failed: ${error instanceof Error ? error.stack : String(error)}`,
      );
      return [];
    }
  }

  /** What is typed in an open partial counts before it is saved. */
  function openPartial(uri: string, name: string): string | undefined {
    const folder = uri.slice(0, uri.lastIndexOf("/"));
    const path = name.replace(/([^/]+)$/, "_$1.prompt");
    return documents.get(`${folder}/${path.split("/").map(encodeURIComponent).join("/")}`)?.getText();
  }
}

export function diagnosticsOf(document: TextDocument, options: CheckOptions): LspDiagnostic[] {
  const { file, diagnostics } = parse(document.getText());
  return [...diagnostics, ...check(file, options)].map((it) => toLsp(it, document));
}

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
};

function toLsp({ code, severity, span, message, notes }: Diagnostic, document: TextDocument): LspDiagnostic {
  const range = (span: Span) => rangeOf(document, span);
  const related = notes?.map((it) => ({ location: { uri: document.uri, range: range(it.span) }, message: it.message }));
  return {
    source: "tiller",
    code,
    severity: severities[severity],
    range: range(span),
    message,
    ...(related && { relatedInformation: related }),
    // Grays the text out, as for unused code elsewhere.
    ...(code === "unused-variable" && { tags: [1] }),
  };
}

function rangeOf(document: TextDocument, { start, end }: Span): Range {
  return { start: document.positionAt(start), end: document.positionAt(end) };
}
