/**
 * Models of other extensions (`vscode.lm`): which there are, and what they write. Nothing is sent unless the user has chosen
 * the model for a variant and runs it; the editor itself asks for consent as well.
 */

import * as vscode from "vscode";

import { messageOf } from "../../base/error.js";
import { outsideName, outsidePath, type OutsideAnswer, type OutsideRequest } from "../../protocol/outside.js";

/** The user's choice among the models of other extensions; undefined when there is none. */
export async function pickOutsideModel(): Promise<{ readonly path: string; readonly label: string } | undefined> {
  const models = await vscode.lm.selectChatModels({});
  if (models.length === 0) {
    void vscode.window.showInformationMessage(
      "No extension of this VS Code offers language models. Install one that does, sign in there, and try again.",
    );
    return undefined;
  }
  const items = models
    .map((it) => ({
      label: it.name,
      description: `${it.vendor} · leaves this machine`,
      detail: "Seeds are not kept, a form is checked and not enforced; no adapters, no guidance.",
      path: outsidePath(it.vendor, it.id),
    }))
    .sort((a, b) => a.description.localeCompare(b.description) || a.label.localeCompare(b.label));
  const chosen = await vscode.window.showQuickPick(items, {
    title: "Compare With a Model of Another Extension",
    placeHolder: "The prompt and its inputs are sent to it when you run the comparison",
    matchOnDescription: true,
  });
  return chosen === undefined ? undefined : { path: chosen.path, label: chosen.label };
}

/** Asks the model, and tells what it writes; after the signal, nothing more. Never rejects. */
export async function askOutside(
  request: OutsideRequest,
  tell: (answer: OutsideAnswer) => void,
  signal: AbortSignal,
): Promise<void> {
  const { ask, path } = request;
  const cancellation = new vscode.CancellationTokenSource();
  const cancel = () => cancellation.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  const tellOpen = (answer: OutsideAnswer) => !signal.aborted && tell(answer);
  try {
    const name = outsideName(path);
    const [model] = name === undefined ? [] : await vscode.lm.selectChatModels(name);
    if (model === undefined)
      return void tellOpen({ ask, kind: "failed", message: missing(name?.id ?? path, name?.vendor ?? "") });
    const end = await write(model, request, (text) => tellOpen({ ask, kind: "text", text }), cancellation);
    tellOpen({ ask, kind: "done", ...end });
  } catch (error) {
    tellOpen({ ask, kind: "failed", message: failureOf(error, outsideName(path)?.id ?? path) });
  } finally {
    signal.removeEventListener("abort", cancel);
    cancellation.dispose();
  }
}

async function write(
  model: vscode.LanguageModelChat,
  { messages, maxTokens, temperature, topP }: OutsideRequest,
  tell: (text: string) => void,
  cancellation: vscode.CancellationTokenSource,
): Promise<Omit<Extract<OutsideAnswer, { readonly kind: "done" }>, "ask" | "kind">> {
  const { token } = cancellation;
  // There is no role of the system in this interface: its text goes first, as the user's.
  const sent = messages.map(({ role, content }) =>
    role === "assistant" || role === "model"
      ? vscode.LanguageModelChatMessage.Assistant(content)
      : vscode.LanguageModelChatMessage.User(content),
  );
  const modelOptions = {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
  };
  const justification = "You run a comparison in Tiller that has this model as a variant.";
  const response = await model.sendRequest(sent, { justification, modelOptions }, token);
  let text = "";
  let counted = { length: 0, tokens: 0 };
  let finish: "stop" | "length" = "stop";
  for await (const piece of response.text) {
    text += piece;
    tell(piece);
    // The options may mean nothing to the model. A token is a character at least, so there is nothing to count before.
    if (maxTokens === undefined || text.length - counted.length < maxTokens - counted.tokens) continue;
    counted = { length: text.length, tokens: await countOf(model, text, token) };
    if (counted.tokens < maxTokens) continue;
    finish = "length";
    cancellation.cancel();
    break;
  }
  const { token: fresh } = new vscode.CancellationTokenSource(); // the other one may be cancelled
  const counts = await Promise.all([...sent.map((it) => countOf(model, it, fresh)), countOf(model, text, fresh)]);
  const tokens = counts.pop()!;
  return { finish, tokens, promptTokens: counts.reduce((sum, it) => sum + it, 0) };
}

/** 0 where the model cannot count. */
async function countOf(
  model: vscode.LanguageModelChat,
  text: string | vscode.LanguageModelChatMessage,
  token: vscode.CancellationToken,
): Promise<number> {
  try {
    return await model.countTokens(text, token);
  } catch {
    return 0; // figures are not worth a failure
  }
}

function missing(id: string, vendor: string): string {
  return `No extension offers ${id} (${vendor}) any more. Install or sign in to the one that did, or choose another model for the variant.`;
}

function failureOf(error: unknown, id: string): string {
  const message = messageOf(error);
  const code = error instanceof vscode.LanguageModelError ? error.code : "";
  if (code === vscode.LanguageModelError.NoPermissions.name)
    return `You have not allowed Tiller to use ${id}, so nothing was sent. Run it again and allow it, or take the variant away.`;
  if (code === vscode.LanguageModelError.NotFound.name)
    return `${id} is not there any more. Choose another model for the variant.`;
  if (code === vscode.LanguageModelError.Blocked.name)
    return `${id} refused the request: ${message}. Its quota may be used up; try again later.`;
  return `${id} failed: ${message}. Its own extension may say more; try again, or take the variant away.`;
}
