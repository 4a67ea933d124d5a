/**
 * What the language server answers. Each answer is computed from the whole text, whose tree is kept for as long as the text
 * stays the same; the next text's tree takes over what did not change, and is what it would be without.
 */

import { fileURLToPath } from "node:url";
import {
  ErrorCodes,
  ResponseError,
  TextDocuments,
  TextDocumentSyncKind,
  type Connection,
  type InitializeResult,
} from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";

import { stackOf } from "../base/error.js";
import { check } from "../lang/check.js";
import type { Diagnostic } from "../lang/diagnostic.js";
import { tokenTypes } from "../lang/editor/semanticTokens.js";
import { createTemplateCache } from "../lang/templateCache.js";
import {
  appendShotMethod,
  compareChoicesMethod,
  ghostPlaceMethod,
  filesChangedMethod,
  previewMethod,
  promptTestsMethod,
  type AppendShotParams,
  type CompareChoicesParams,
  type GhostParams,
  type PreviewParams,
  type PromptTestsParams,
} from "../protocol/language.js";
import type { ArtefactFolders } from "./artefactFiles.js";
import { createFeatures, isPartial, Refusal, type Features } from "./features.js";
import { partialUri, PromptFiles } from "./promptFiles.js";
import { diagnosticItem } from "./toLsp.js";

/** Files that the document at `uri` names, read from disk: undefined where there is none. Must not throw. */
export interface ReadFiles {
  /** The source of a partial. */
  readonly partial: (uri: string, name: string) => string | undefined;
  readonly shots: (uri: string, name: string) => string | undefined;
  /** `isGiven`: the user names it, and not the prompt. */
  readonly data: (uri: string, name: string, isGiven: boolean) => string | undefined;
  /** Its absolute path. */
  readonly picture: (uri: string, name: string, isGiven: boolean) => string | undefined;
}

/** What a client may ask for when it starts the server. */
interface InitializationOptions {
  /** Code lenses are commands, and commands are the client's own: those that it has. */
  readonly lenses?: readonly string[];
}

/** Keystrokes closer together than this are checked once. */
const PAUSE_MS = 50;

export interface ServeOptions {
  readonly connection: Connection;
  readonly read: ReadFiles;
  /** Where models and adapters lie beyond those of the workspace. */
  readonly folders: ArtefactFolders;
}

export function serveLanguage({ connection, read, folders }: ServeOptions): void {
  const documents = new TextDocuments(TextDocument);
  const files = new PromptFiles(documents, folders);
  const waiting = new Map<string, NodeJS.Timeout>();
  const templates = createTemplateCache();
  const checked = new WeakMap<TextDocument, readonly Diagnostic[]>();
  let lenses: readonly string[] = [];

  connection.onInitialize(({ workspaceFolders, initializationOptions }) => {
    const roots = (workspaceFolders ?? []).map((it) => it.uri).filter((it) => it.startsWith("file:"));
    files.setRoots(roots.map((it) => fileURLToPath(it)));
    lenses = (initializationOptions as InitializationOptions | undefined)?.lenses ?? [];
    return capabilities(0 < lenses.length);
  });
  // What is typed in a partial may put open prompts that use it right or wrong.
  documents.onDidChangeContent(({ document }) =>
    isPartial(document.uri) ? documents.all().forEach(later) : later(document),
  );
  documents.onDidClose(({ document }) => {
    clearTimeout(waiting.get(document.uri));
    waiting.delete(document.uri);
    void connection.sendDiagnostics({ uri: document.uri, diagnostics: [] });
  });
  // A partial was changed on disk: whoever uses it may be right or wrong now.
  const changed = () => {
    files.changed();
    void connection.sendNotification(filesChangedMethod);
    documents.all().forEach(later);
  };
  connection.onDidChangeWatchedFiles(changed);
  documents.onDidSave(changed);
  answer(
    connection,
    documents,
    createFeatures({ ...read, files, partial, diagnose, diagnosed, templates, lenses: () => lenses }),
  );
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
    const found = guarded(connection, `checking ${uri}`, () => diagnose(document)) ?? [];
    void connection.sendDiagnostics({ uri, version, diagnostics: found.map((it) => diagnosticItem(it, document)) });
  }

  function diagnose(document: TextDocument) {
    const { file, diagnostics } = files.parsedDocument(document);
    const own = (name: string) => partial(document.uri, name);
    const shots = (name: string) => read.shots(document.uri, name);
    const found = check(file, { partial: own, shots, templates });
    checked.set(document, found);
    return [...diagnostics, ...found];
  }

  /** While keys are typed, what the last check found: a preview must not wait for the next, which is published after it. */
  function diagnosed(document: TextDocument) {
    const found = checked.get(document);
    return found === undefined ? diagnose(document) : [...files.parsedDocument(document).diagnostics, ...found];
  }

  /** What is typed in an open partial counts before it is saved. */
  function partial(uri: string, name: string): string | undefined {
    const own = partialUri(uri, name);
    return (own === undefined ? undefined : documents.get(own)?.getText()) ?? read.partial(uri, name);
  }
}

function capabilities(lenses: boolean): InitializeResult {
  const prompts = [{ scheme: "file", pattern: { glob: "**/*.prompt" } }];
  return {
    serverInfo: { name: "tiller" },
    capabilities: {
      textDocumentSync: TextDocumentSyncKind.Incremental,
      completionProvider: { triggerCharacters: ["{", "#", "/", ">", "@", ".", '"', " ", ":"] },
      hoverProvider: true,
      signatureHelpProvider: { triggerCharacters: [" ", "="] },
      definitionProvider: true,
      referencesProvider: true,
      documentHighlightProvider: true,
      renameProvider: { prepareProvider: true },
      documentFormattingProvider: true,
      documentSymbolProvider: true,
      foldingRangeProvider: true,
      codeActionProvider: { codeActionKinds: ["quickfix", "refactor"] },
      documentLinkProvider: {},
      semanticTokensProvider: { legend: { tokenTypes: [...tokenTypes], tokenModifiers: ["declaration"] }, full: true },
      ...(lenses && { codeLensProvider: {} }),
      workspace: { fileOperations: { willRename: { filters: prompts } } },
    },
  };
}

interface OfDocument {
  readonly textDocument: { readonly uri: string };
}

function answer(connection: Connection, documents: TextDocuments<TextDocument>, features: Features): void {
  /** A feature that fails must not take the server down, and answers nothing. */
  const on =
    <P extends OfDocument, R>(feature: string, run: (document: TextDocument, params: P) => R) =>
    (params: P): R | undefined => {
      const document = documents.get(params.textDocument.uri);
      if (document === undefined) return undefined;
      return guarded(connection, `${feature} of ${document.uri}`, () => run(document, params));
    };
  connection.onCompletion(on("completion", (it, { position }) => features.completion(it, position)));
  connection.onHover(on("hover", (it, { position }) => features.hover(it, position)));
  connection.onSignatureHelp(on("signature", (it, { position }) => features.signature(it, position)));
  connection.onDefinition(on("definition", (it, { position }) => features.definition(it, position)));
  connection.onReferences(
    on("references", (it, { position, context }) => features.references(it, position, context.includeDeclaration)),
  );
  connection.onDocumentHighlight(
    on("highlights", (it, { position }) => features.highlights(it, position).map((range) => ({ range }))),
  );
  connection.onPrepareRename(on("rename", (it, { position }) => features.prepareRename(it, position)));
  connection.onRenameRequest(on("rename", (it, { position, newName }) => features.rename(it, position, newName)));
  connection.onDocumentSymbol(on("symbols", (it) => features.symbols(it)));
  connection.onDocumentFormatting(on("formatting", (it) => features.format(it)));
  connection.onFoldingRanges(on("folding", (it) => features.folding(it)));
  connection.onCodeAction(on("actions", (it, { range }) => features.actions(it, range)));
  connection.onCodeLens(on("lenses", (it) => features.lenses(it)));
  connection.onDocumentLinks(on("links", (it) => features.links(it)));
  const tokens = on("tokens", (it) => features.tokens(it));
  connection.languages.semanticTokens.on((params) => tokens(params) ?? { data: [] });
  const own = <P extends { readonly uri: string }>(method: string, run: (params: P) => object | undefined) =>
    connection.onRequest(
      method,
      (params: P): object | null => guarded(connection, `${method} of ${params.uri}`, () => run(params)) ?? null,
    );
  own(previewMethod, (it: PreviewParams) => features.preview(it));
  own(promptTestsMethod, (it: PromptTestsParams) => features.promptTests(it));
  own(ghostPlaceMethod, (it: GhostParams) => features.ghostPlace(it));
  own(appendShotMethod, (it: AppendShotParams) => features.appendShot(it));
  own(compareChoicesMethod, (it: CompareChoicesParams) => features.compareChoices(it));
  connection.workspace.onWillRenameFiles(
    ({ files }) => guarded(connection, "renaming files", () => features.fileRenames(files)) ?? null,
  );
}

/** Runs it; what it refuses is told to the user, and any other failure to the log. */
function guarded<R>(connection: Connection, what: string, run: () => R): R | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof Refusal) throw new ResponseError(ErrorCodes.InvalidRequest, error.message);
    connection.console.error(`${what} failed: ${stackOf(error)}`);
    return undefined;
  }
}
