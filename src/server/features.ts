/** The language features for one document each: from the protocol's questions to answers of `lang/editor`, and back. */

import { posix } from "node:path";

import type {
  CodeAction as LspCodeAction,
  CodeLens,
  Command,
  CompletionItem,
  DocumentLink,
  DocumentSymbol,
  FoldingRange,
  Hover,
  Location,
  Position,
  Range,
  SignatureHelp,
  TextDocumentEdit,
  TextEdit,
  WorkspaceEdit,
} from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";

import type { Span } from "../base/text.js";
import type { PromptFile } from "../lang/ast.js";
import type { Diagnostic } from "../lang/diagnostic.js";
import { artefactAt, artefactHover } from "../lang/editor/artefact.js";
import { codeActions } from "../lang/editor/codeActions.js";
import { completions } from "../lang/editor/completion.js";
import { folds } from "../lang/editor/folding.js";
import { ghostPlace } from "../lang/editor/ghostPlace.js";
import { hover } from "../lang/editor/hover.js";
import type { PartialCall } from "../lang/editor/origin.js";
import { occurrences, symbolAt } from "../lang/editor/occurrences.js";
import { formatEdits } from "../lang/format/formatPrompt.js";
import { previewContent } from "../lang/editor/previewContent.js";
import { outline } from "../lang/editor/outline.js";
import {
  isTaken,
  nameProblem,
  partialCalls,
  partialPlaces,
  placesOf,
  references,
  type KnownFile,
  type Place,
} from "../lang/editor/rename.js";
import { appendShot } from "../lang/shots/appendShot.js";
import { semanticTokens } from "../lang/editor/semanticTokens.js";
import { signatureAt } from "../lang/editor/signature.js";
import { testPlaces } from "../lang/tests/testPlaces.js";
import type { TemplateCache } from "../lang/templateCache.js";
import type {
  AppendedShot,
  AppendShotParams,
  CompareChoices,
  CompareChoicesParams,
  GhostParams,
  GhostPlace,
  PreviewContent,
  PreviewParams,
  PromptTests,
  PromptTestsParams,
} from "../protocol/language.js";
import { artefactFacts } from "./artefactFacts.js";
import { compareChoices, type CountedTables } from "./compareChoices.js";
import { partialName, partialUri, type PromptFiles } from "./promptFiles.js";
import {
  completionItem,
  diagnosticItem,
  documentOf,
  editItem,
  foldItem,
  rangeOf,
  symbolItem,
  tokenData,
} from "./toLsp.js";

export interface FeatureOptions {
  readonly files: PromptFiles;
  /** The text of a partial as the document at `uri` finds it. */
  readonly partial: (uri: string, name: string) => string | undefined;
  /** The text of a file of shots as the document at `uri` finds it. */
  readonly shots: (uri: string, name: string) => string | undefined;
  /** The text of a data file; `isGiven`: the user names it, and not the prompt. */
  readonly data: (uri: string, name: string, isGiven: boolean) => string | undefined;
  /** The absolute path of a picture, as `data`. */
  readonly picture: (uri: string, name: string, isGiven: boolean) => string | undefined;
  readonly diagnose: (document: TextDocument) => readonly Diagnostic[];
  /** The same without waiting: while keys are typed, places may be those of the text before. */
  readonly diagnosed: (document: TextDocument) => readonly Diagnostic[];
  readonly templates: TemplateCache;
  /** Commands that the client has. */
  readonly lenses: () => readonly string[];
}

/** Why something cannot be done, in words for the user. */
export class Refusal extends Error {}

export type Features = ReturnType<typeof createFeatures>;

export function createFeatures({
  files,
  partial,
  shots,
  data,
  picture,
  diagnose,
  diagnosed,
  lenses,
  templates,
}: FeatureOptions) {
  const fileOf = (document: TextDocument): PromptFile => files.parsedDocument(document).file;
  const known = (document: TextDocument): KnownFile => ({ id: document.uri, file: fileOf(document) });
  const countedTables: CountedTables = new Map();
  const documentAt = (uri: string, file: PromptFile) => documentOf(uri, file.text);

  function locations(places: readonly Place[]): Location[] {
    return places.flatMap(({ id, span }) => {
      const target = files.byUri(id);
      return target === undefined ? [] : [{ uri: id, range: rangeOf(documentAt(id, target.file), span) }];
    });
  }

  function editsOf(places: readonly Place[], text: (id: string) => string): TextDocumentEdit[] {
    const byFile = new Map<string, TextEdit[]>();
    for (const { id, span } of places) {
      const target = files.byUri(id);
      if (target === undefined) continue;
      const edits = byFile.get(id) ?? [];
      byFile.set(id, [...edits, { range: rangeOf(documentAt(id, target.file), span), newText: text(id) }]);
    }
    return [...byFile].map(([uri, edits]) => ({ textDocument: { uri, version: null }, edits }));
  }

  /** Where a partial is used, each file by its path from the partial's folder. */
  function callsOf(document: TextDocument): readonly PartialCall[] {
    const folder = posix.dirname(decodeURIComponent(document.uri));
    const label = (id: string) => posix.relative(folder, decodeURIComponent(id));
    return partialCalls(files, known(document)).map(({ id, file, call }) => ({ label: label(id), file, call }));
  }

  return {
    completion(document: TextDocument, position: Position): CompletionItem[] {
      const around = files.surroundings(document.uri);
      return completions(fileOf(document), document.offsetAt(position), around).map((it) =>
        completionItem(it, document),
      );
    },

    async hover(document: TextDocument, position: Position): Promise<Hover | undefined> {
      const { uri } = document;
      const named = artefactAt(fileOf(document), document.offsetAt(position));
      if (named !== undefined) {
        const path = files.artefact(uri, named);
        const said = artefactHover(named, path === undefined ? undefined : await artefactFacts(path));
        return { contents: { kind: "markdown", value: said.markdown }, range: rangeOf(document, said.span) };
      }
      const calls = isPartial(uri) ? callsOf(document) : undefined;
      const found = hover(fileOf(document), document.offsetAt(position), (name) => partial(uri, name), calls);
      return found && { contents: { kind: "markdown", value: found.markdown }, range: rangeOf(document, found.span) };
    },

    signature(document: TextDocument, position: Position): SignatureHelp | undefined {
      const found = signatureAt(fileOf(document), document.offsetAt(position));
      if (found === undefined) return undefined;
      const { label, doc, parameters, active } = found;
      const signature = { label, documentation: doc, parameters: parameters.map((it) => ({ label: it })) };
      return { signatures: [signature], activeSignature: 0, activeParameter: active };
    },

    definition(document: TextDocument, position: Position): Location[] {
      const from = known(document);
      const found = symbolAt(from.file, document.offsetAt(position));
      if (found === undefined) return [];
      if (found.symbol.kind === "partial") {
        const target = files.partial(document.uri, found.symbol.name);
        return target === undefined ? [] : [{ uri: target.id, range: rangeOf(document, { start: 0, end: 0 }) }];
      }
      const places = placesOf(files, from, found.symbol);
      const definitions = places.filter((it) => it.role === "definition");
      return locations(0 < definitions.length ? definitions : places.slice(0, 1));
    },

    references: (document: TextDocument, position: Position, withDefinition: boolean): Location[] =>
      locations(
        references(files, known(document), document.offsetAt(position)).filter(
          (it) => withDefinition || it.role === "use",
        ),
      ),

    highlights: (document: TextDocument, position: Position): Range[] =>
      references(files, known(document), document.offsetAt(position))
        .filter((it) => it.id === document.uri)
        .map((it) => rangeOf(document, it.span)),

    prepareRename(document: TextDocument, position: Position): Range | undefined {
      const found = symbolAt(fileOf(document), document.offsetAt(position));
      return found && rangeOf(document, found.span);
    },

    /** Throws a `Refusal`. */
    rename(document: TextDocument, position: Position, name: string): WorkspaceEdit | undefined {
      const from = known(document);
      const found = symbolAt(from.file, document.offsetAt(position));
      if (found === undefined) return undefined;
      const { symbol } = found;
      const problem = nameProblem(symbol.kind, name);
      if (problem !== undefined) throw new Refusal(problem);
      if (symbol.kind !== "partial") {
        if (isTaken(files, from, symbol, name))
          throw new Refusal(`There is already a ${symbol.kind} called "${name}".`);
        return { documentChanges: editsOf(placesOf(files, from, symbol), () => name) };
      }
      const target = files.partial(document.uri, symbol.name);
      const newUri = partialUri(document.uri, name);
      if (target === undefined || newUri === undefined) throw new Refusal(`There is no partial "${symbol.name}".`);
      if (files.byUri(newUri) !== undefined) throw new Refusal(`There is already a partial "${name}".`);
      const edits = editsOf(partialPlaces(files, target), (id) => partialName(id, newUri) ?? name);
      return { documentChanges: [...edits, { kind: "rename", oldUri: target.id, newUri }] };
    },

    /** What must change when files are given other names. */
    fileRenames(renames: readonly { readonly oldUri: string; readonly newUri: string }[]): WorkspaceEdit | undefined {
      const edits = renames.flatMap(({ oldUri, newUri }) =>
        editsOf(partialPlaces(files, files.byUri(oldUri)), (id) => partialName(id, newUri) ?? partialName(id, oldUri)!),
      );
      return edits.length === 0 ? undefined : { documentChanges: edits };
    },

    preview({ uri, input, test }: PreviewParams): PreviewContent | undefined {
      const found = files.byUri(uri);
      if (found === undefined) return undefined;
      const document = files.openDocument(uri) ?? documentAt(uri, found.file);
      // The prompt is rendered twice, and its partials are read once.
      const texts = new Map<string, string | undefined>();
      const own = (name: string) => {
        if (!texts.has(name)) texts.set(name, partial(uri, name));
        return texts.get(name);
      };
      const diagnostics = diagnosed(document);
      const shotsOf = (name: string) => shots(uri, name);
      const dataOf = (name: string, isGiven: boolean) => {
        const text = data(uri, name, isGiven);
        return text === undefined ? undefined : { text };
      };
      const pictureOf = (name: string, isGiven: boolean) => picture(uri, name, isGiven);
      const surroundings = { partial: own, shots: shotsOf, data: dataOf, picture: pictureOf, templates };
      return previewContent(found.file, { input, test, diagnostics, ...surroundings });
    },

    promptTests({ uri }: PromptTestsParams): PromptTests | undefined {
      const found = files.byUri(uri);
      if (found === undefined) return undefined;
      const document = documentAt(uri, found.file);
      const tests = testPlaces(found.file).map(({ name, span }) => {
        const { start, end } = rangeOf(document, span);
        return { name, firstLine: start.line, lastLine: end.line };
      });
      return { tests };
    },

    ghostPlace({ uri, offset }: GhostParams): GhostPlace | undefined {
      const found = files.byUri(uri);
      return found && ghostPlace(found.file, offset);
    },

    appendShot({ uri, input, output }: AppendShotParams): AppendedShot | undefined {
      const found = files.byUri(uri);
      return found && appendShot(found.file, { input, output });
    },

    compareChoices: (params: CompareChoicesParams): CompareChoices => compareChoices(params, files, countedTables),

    format: (document: TextDocument): TextEdit[] =>
      formatEdits(document.getText(), isPartial(document.uri) ? "partial" : "prompt").map((it) =>
        editItem(it, document),
      ),

    symbols: (document: TextDocument): DocumentSymbol[] =>
      outline(fileOf(document)).map((it) => symbolItem(it, document)),

    folding: (document: TextDocument): FoldingRange[] => folds(fileOf(document)).map((it) => foldItem(it, document)),

    tokens: (document: TextDocument) => ({ data: tokenData(semanticTokens(fileOf(document)), document) }),

    actions(document: TextDocument, range: Range): LspCodeAction[] {
      const where: Span = { start: document.offsetAt(range.start), end: document.offsetAt(range.end) };
      const kind = isPartial(document.uri) ? "partial" : "prompt";
      return codeActions(fileOf(document), diagnose(document), where, kind).map((it) => {
        const newUri = it.newPartial === undefined ? undefined : partialUri(document.uri, it.newPartial);
        const create = newUri === undefined ? [] : [{ kind: "create", uri: newUri } as const];
        const edits = {
          textDocument: { uri: document.uri, version: null },
          edits: it.edits.map((one) => editItem(one, document)),
        };
        return {
          title: it.title,
          kind: it.kind,
          edit: { documentChanges: [...create, ...(0 < it.edits.length ? [edits] : [])] },
          ...(it.solves && { diagnostics: [diagnosticItem(it.solves, document)] }),
          ...(it.preferred === true && { isPreferred: true }),
        };
      });
    },

    /** Commands of the client, at the top of the file. */
    lenses(document: TextDocument): CodeLens[] {
      const file = fileOf(document);
      if (file.dialect.kind === "other") return [];
      const value = file.frontMatter?.value ?? {};
      const commands: Command[] = [
        { title: "$(play) Run", command: "tiller.runPrompt" },
        { title: "$(open-preview) Preview", command: "tiller.preview" },
        ...(value["tiller.tests"] === undefined ? [] : [{ title: "$(beaker) Test", command: "tiller.test" }]),
        ...(value["tiller.compare"] === undefined
          ? []
          : [{ title: "$(split-horizontal) Compare", command: "tiller.compare" }]),
      ];
      const known = commands.filter((it) => lenses().includes(it.command));
      return known.map((command) => ({ range: rangeOf(document, { start: 0, end: 0 }), command }));
    },

    links: (document: TextDocument): DocumentLink[] =>
      occurrences(fileOf(document)).flatMap(({ symbol, span }) => {
        const target = symbol.kind === "partial" ? files.partial(document.uri, symbol.name) : undefined;
        return target === undefined ? [] : [{ range: rangeOf(document, span), target: target.id }];
      }),
  };
}

/** All of a partial's text is inserted where it is used, even what would be a front matter elsewhere. */
export function isPartial(uri: string): boolean {
  return /\/_[^/]*\.prompt$/.test(uri);
}
