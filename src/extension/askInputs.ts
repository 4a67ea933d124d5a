/** Asks for the input variables of a prompt, one box each. */

import * as vscode from "vscode";

import type { Json, JsonObject } from "../base/json.js";
import { optionText, readAnswer, type Question } from "./inputQuestions.js";

/** Undefined when the user gave up. `earlier` answers are offered again. */
export async function askInputs(
  title: string,
  questions: readonly Question[],
  earlier: JsonObject,
): Promise<JsonObject | undefined> {
  const answers: Record<string, Json> = {};
  for (const [idx, question] of questions.entries()) {
    const step = questions.length === 1 ? "" : ` (${idx + 1} of ${questions.length})`;
    const text = await ask(`${title}: ${question.name}${step}`, question, earlier[question.name]);
    if (text === undefined) return undefined;
    const answer = readAnswer(question, text);
    if ("error" in answer) return undefined; // the box does not let it pass
    answers[question.name] = answer.value;
  }
  return answers;
}

async function ask(title: string, question: Question, earlier: Json | undefined): Promise<string | undefined> {
  const prompt = question.description === undefined ? question.name : `${question.name}: ${question.description}`;
  if (question.answer.kind === "choice") {
    const items = question.answer.options.map(optionText);
    return vscode.window.showQuickPick(items, { title, placeHolder: prompt, ignoreFocusOut: true });
  }
  return vscode.window.showInputBox({
    title,
    prompt,
    ignoreFocusOut: true,
    ...(earlier === undefined ? {} : { value: optionText(earlier) }),
    validateInput: (text) => {
      const answer = readAnswer(question, text);
      return "error" in answer ? answer.error : undefined;
    },
  });
}
