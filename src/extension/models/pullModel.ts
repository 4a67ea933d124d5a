/** Gets a model from the network: asks which, shows how far it is, and can be stopped. The host does the work. */

import { homedir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";

import { durationText } from "../../base/durationText.js";
import type { RecommendedModel } from "../../base/recommendedModels.js";
import { sizeText } from "../../base/sizeText.js";
import type { Log } from "../../base/log.js";
import type { ModelPuller, PullEvent, PullResult } from "../../protocol/pull.js";

export interface PullModelOptions {
  readonly puller: ModelPuller;
  readonly log: Log;
}

/** Resolves with the path of the model, or undefined when the user thought better of it. */
export async function pullModel(
  { puller, log }: PullModelOptions,
  recommended: RecommendedModel | undefined,
): Promise<string | undefined> {
  if (!vscode.workspace.isTrusted) {
    void vscode.window.showInformationMessage("Models can be fetched once you trust this workspace.");
    return undefined;
  }
  const source = recommended === undefined ? await askSource() : await confirmed(recommended);
  if (source === undefined) return undefined;
  const to = join(homedir(), ".tiller", "models");
  const options = { location: vscode.ProgressLocation.Notification, title: "Tiller: fetching a model", cancellable: true };
  const controller = new AbortController();
  try {
    const result = await vscode.window.withProgress(options, (progress, token): Promise<PullResult> => {
      token.onCancellationRequested(() => controller.abort());
      const percents = new Map<string, number>();
      const onEvent = (event: PullEvent) => {
        if (event.type === "note") log.write("info", event.text);
        const message = messageOf(event);
        if (message === undefined) return;
        const percent = percentOf(event);
        const before = percents.get("done") ?? 0;
        if (percent !== undefined) percents.set("done", Math.max(before, percent));
        progress.report({ message, ...(percent !== undefined && { increment: Math.max(0, percent - before) }) });
      };
      return puller.pull({ source, to }, onEvent, controller.signal);
    });
    return result.files[0]?.path;
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    void vscode.window.showInformationMessage("Stopped. What has come is kept; fetch the same model again to go on.");
    return undefined;
  }
}

function askSource(): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: "Get Model",
    prompt: "A repository of Hugging Face with a quantization, hf:OWNER/REPO/FILE.gguf, or an https address.",
    placeHolder: "OWNER/REPO-GGUF:Q4_K_M",
    ignoreFocusOut: true,
    validateInput: (text) =>
      text.trim() === "" || /^(?:https?:\/\/|hf:)\S+$|^[\w.-]+\/[\w.-]+(?::[\w.-]+)?$/i.test(text.trim())
        ? undefined
        : "Write OWNER/REPO:QUANT, hf:OWNER/REPO/FILE.gguf, or an https address.",
  }).then((it) => (it === undefined || it.trim() === "" ? undefined : it.trim()));
}

async function confirmed({ name, source, sizeBytes, licence }: RecommendedModel): Promise<string | undefined> {
  const detail = `A file of ${sizeText(sizeBytes)} from huggingface.co (${source}), licence ${licence}.`;
  const get = "Get It";
  const answer = await vscode.window.showInformationMessage(`Get ${name}?`, { modal: true, detail }, get);
  return answer === get ? source : undefined;
}

function messageOf(event: PullEvent): string | undefined {
  switch (event.type) {
    case "files":
      return event.files[0]?.name;
    case "progress": {
      const { name, index, count, doneBytes, totalBytes, bytesPerSecond, secondsLeft } = event;
      const parts = [
        totalBytes === undefined ? sizeText(doneBytes) : `${sizeText(doneBytes)} of ${sizeText(totalBytes)}`,
        bytesPerSecond === undefined ? undefined : `${sizeText(bytesPerSecond)}/s`,
        secondsLeft === undefined ? undefined : `${durationText(secondsLeft)} left`,
      ];
      return `${name}${count === 1 ? "" : ` (${index} of ${count})`}: ${parts.filter((it) => it !== undefined).join(", ")}`;
    }
    case "checking":
      return `${event.name}: checking`;
    case "note":
      return event.text;
    default:
      return event satisfies never;
  }
}

/** Of all files together, as if they were of one size. */
function percentOf(event: PullEvent): number | undefined {
  if (event.type !== "progress" || event.totalBytes === undefined || event.totalBytes === 0) return undefined;
  return (100 * (event.index - 1 + event.doneBytes / event.totalBytes)) / event.count;
}
