/** Generate with Guidance: the model writes at the cursor or over the selection, in any file. One undo takes it back. */

import * as vscode from "vscode";

import { DisposableStore } from "../../base/disposable.js";
import type { Log } from "../../base/log.js";
import type { Guide } from "../../lang/guide/guide.js";
import { guidedRequest, type GuidedText } from "../../lang/guide/guidedPrompt.js";
import type { Engine, GenerateResult } from "../../protocol/engine.js";
import type { Places } from "../adapters/adapterPlaces.js";
import { knownAdapters } from "../adapters/knownAdapters.js";
import { onCancel } from "../cancellation.js";
import { registerCommand } from "../commandGuard.js";
import { documentTarget, toChanges } from "../documentTarget.js";
import { commandIds } from "../ids.js";
import { StreamedInsertion } from "../insertion.js";
import type { Operations } from "../operations.js";
import type { Settings } from "../settings.js";
import { endText } from "./endText.js";
import { guideText, pickGuide } from "./pickGuide.js";

export interface GenerateOptions {
  readonly engine: Engine;
  readonly settings: () => Settings;
  readonly places: () => Places;
  readonly operations: Operations;
  readonly log: Log;
  /** Keeps the last choice. */
  readonly state: vscode.Memento;
}

const lastKey = "tiller.lastGuide";
const END_SHOWN_MS = 15_000;

/** A key can be bound to the command with a guide as its argument: then nothing is asked. */
export function registerGenerateWithGuidance(options: GenerateOptions): vscode.Disposable {
  return registerCommand(commandIds.generateWithGuidance, options.log, async (given?: Guide) => {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) {
      void vscode.window.showInformationMessage("Open a file and put the cursor where the text is to go.");
      return;
    }
    if (!vscode.workspace.isTrusted) {
      void vscode.window.showInformationMessage("Tiller runs models only in workspaces that you trust.");
      return;
    }
    const text = textOf(editor);
    if (text.kind === "continue" && text.before.trim() === "") {
      void vscode.window.showInformationMessage("There is no text before the cursor that could be continued.");
      return;
    }
    const guide = given ?? (await askGuide(text, options));
    if (guide !== undefined) await write(editor, text, guide, options);
  });
}

function textOf({ document, selection }: vscode.TextEditor): GuidedText {
  if (!selection.isEmpty) return { kind: "replace", selected: document.getText(selection) };
  return { kind: "continue", before: document.getText(new vscode.Range(new vscode.Position(0, 0), selection.end)) };
}

async function askGuide(text: GuidedText, { state, engine, places, log }: GenerateOptions): Promise<Guide | undefined> {
  const action = text.kind === "continue" ? "Continue at the Cursor" : "Rewrite the Selection";
  const adapters = () => knownAdapters(engine, places().adapterFolders, log);
  const guide = await pickGuide(action, state.get<Guide>(lastKey) ?? {}, adapters);
  if (guide !== undefined) await state.update(lastKey, guide);
  return guide;
}

async function write(
  editor: vscode.TextEditor,
  text: GuidedText,
  guide: Guide,
  options: GenerateOptions,
): Promise<void> {
  const { document } = editor;
  const store = new DisposableStore();
  const operation = store.add(options.operations.start());
  const insertion = insertionInto(editor, text, () => operation.cancel());
  // A selection would grow with what is written, and Escape would only take it away.
  editor.selection = new vscode.Selection(editor.selection.end, editor.selection.end);
  store.add(
    vscode.workspace.onDidChangeTextDocument((event) => {
      if (event.document === document) insertion.documentChanged(toChanges(event.contentChanges));
    }),
  );
  store.add(
    vscode.workspace.onDidCloseTextDocument((closed) => {
      if (closed === document) insertion.stop();
    }),
  );
  try {
    const how = guideText(guide);
    const title = `Tiller is writing${how === "" ? "" : `: ${how}`} (Esc stops it)`;
    await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, async (_, token) => {
      store.add(onCancel(token, () => operation.cancel()));
      const result = await generate(text, guide, insertion, operation.signal, options);
      if (result !== undefined) vscode.window.setStatusBarMessage(endText(result), END_SHOWN_MS);
    });
  } finally {
    await insertion.finish(); // what was written before a failure stays, and can be undone
    store.dispose();
  }
}

function insertionInto({ document, selection }: vscode.TextEditor, text: GuidedText, onStop: () => void) {
  const position = ({ line, character }: vscode.Position) => ({ line, column: character });
  const target = documentTarget(document);
  if (text.kind === "continue") return new StreamedInsertion(target, position(selection.end), onStop);
  const length = document.offsetAt(selection.end) - document.offsetAt(selection.start);
  return new StreamedInsertion(target, position(selection.start), onStop, { end: position(selection.end), length });
}

/** Undefined when it was cancelled before it began. */
async function generate(
  text: GuidedText,
  guide: Guide,
  insertion: StreamedInsertion,
  signal: AbortSignal,
  { engine, settings }: GenerateOptions,
): Promise<GenerateResult | undefined> {
  const { model, maxTokens, temperature, guide: always } = settings();
  const onEvent = () => {};
  try {
    const { contextTokens } = await engine.load({ model }, onEvent, signal);
    const request = guidedRequest(guide, text, always);
    const { ids } = await engine.tokenize({ model, prompt: request.prompt }, onEvent, signal);
    // Room for what is to be written; a long text keeps its end.
    const room = Math.max(contextTokens - maxTokens, contextTokens >> 1);
    const fitting = ids.length <= room ? request : guidedRequest(guide, shortened(text, room / ids.length), always);
    const seed = Math.floor(Math.random() * 2 ** 31); // asked again, it may write something else
    return await engine.generate(
      { model, ...fitting, maxTokens, sampling: { temperature, seed } },
      (event) => {
        if (event.type === "text") insertion.add(event.text);
      },
      signal,
    );
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error; // cancelled while loading: nothing to say
    return undefined;
  }
}

/** About this share of the text, its end. What is to be replaced stays whole: the engine says if it is too long. */
function shortened(text: GuidedText, share: number): GuidedText {
  if (text.kind === "replace") return text;
  return { ...text, before: text.before.slice(-Math.floor(text.before.length * share * 0.9)) };
}
