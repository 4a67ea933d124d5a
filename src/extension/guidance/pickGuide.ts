/** The quick controls of Generate with Guidance: Enter writes with what was chosen last; each row opens its choices. */

import * as vscode from "vscode";

import type { AdapterFacts } from "../../protocol/adapter.js";
import { forms, hasOwnLength, lengths, type Form, type Guide } from "../../lang/guide/guide.js";
import { STRENGTH } from "../../lang/guide/guidedPrompt.js";
import { tones } from "../../lang/guide/presets.js";

type Control = "tone" | "length" | "form" | "strength" | "adapter";

/** Adapters to choose from; asked for when the user wants one. */
export type FindAdapters = () => Promise<readonly AdapterFacts[]>;

interface Row extends vscode.QuickPickItem {
  readonly control?: Control;
}

/** Undefined when the user gives up. `action` is what Enter does at once. */
export async function pickGuide(action: string, last: Guide, adapters: FindAdapters): Promise<Guide | undefined> {
  let guide = last;
  for (let active: Control | undefined; ;) {
    const row = await pickRow(rowsOf(action, guide), active);
    if (row === undefined) return undefined;
    if (row.control === undefined) return guide;
    active = row.control;
    guide = (await pickers[row.control](guide, adapters)) ?? guide;
  }
}

/** What the guide asks for, in a few words. */
export function guideText({ tone, length, form, strength = STRENGTH, adapter }: Guide): string {
  const parts = [
    ...(tone === undefined ? [] : [`${tone} tone`]),
    ...(length === undefined || hasOwnLength(form) ? [] : [lengths.find((it) => it.id === length)!.name.toLowerCase()]),
    ...(form === undefined ? [] : [formName(form)]),
    ...(tone === undefined || strength === 1 ? [] : [`strength ${strength}`]),
    ...(adapter === undefined ? [] : [`with ${adapter.name}`]),
  ];
  return parts.join(", ");
}

function rowsOf(action: string, guide: Guide): readonly Row[] {
  const { tone, length, form, strength = STRENGTH, adapter } = guide;
  const lengthName = lengths.find((it) => it.id === length)?.name ?? "As long as the setting allows";
  return [
    { label: `$(sparkle) ${action}`, description: guideText(guide) },
    { label: "$(megaphone) Tone", description: tone ?? "As the text goes on by itself", control: "tone" },
    {
      label: "$(list-ordered) Length",
      description: hasOwnLength(form) ? "By the form" : lengthName,
      control: "length",
    },
    { label: "$(symbol-structure) Constraint", description: form ? formName(form) : "None", control: "form" },
    {
      label: "$(settings) Strength",
      description: tone === undefined ? "Without a tone there is nothing to emphasise" : `${strength}`,
      control: "strength",
    },
    { label: "$(plug) Adapter", description: adapter?.name ?? "None", control: "adapter" },
  ];
}

function pickRow(rows: readonly Row[], active: Control | undefined): Promise<Row | undefined> {
  return new Promise((resolve) => {
    const pick = vscode.window.createQuickPick<Row>();
    pick.title = "Generate with Guidance";
    pick.placeholder = "Enter writes; choose a row to change it";
    pick.items = rows;
    pick.activeItems = rows.filter((it) => it.control === active);
    pick.onDidAccept(() => {
      resolve(pick.activeItems[0]);
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined); // the first one to resolve wins
      pick.dispose();
    });
    pick.show();
  });
}

interface Choice extends vscode.QuickPickItem {
  readonly choose: () => Guide | undefined | Promise<Guide | undefined>;
}

type Picker = (guide: Guide, adapters: FindAdapters) => Promise<Guide | undefined>;

const pickers: Readonly<Record<Control, Picker>> = {
  tone: (guide) =>
    choose("Tone", [
      { label: "As the text goes on by itself", choose: () => without(guide, "tone") },
      ...tones.map(({ id, words }) => ({ label: id, detail: words, choose: () => ({ ...guide, tone: id }) })),
      { label: "$(edit) In My Own Words...", choose: () => ownTone(guide) },
    ]),
  length: (guide) =>
    choose("Length", [
      { label: "As long as the setting allows", choose: () => without(guide, "length") },
      ...lengths.map(({ id, name }) => ({ label: name, choose: () => ({ ...guide, length: id }) })),
    ]),
  form: (guide) =>
    choose("Constraint", [
      { label: "None", choose: () => without(guide, "form") },
      ...forms.map(({ id, name }) => ({ label: name, choose: () => ({ ...guide, form: { kind: id } }) })),
      { label: "$(regex) A Regular Expression...", choose: () => ownExpression(guide) },
    ]),
  strength: (guide) =>
    choose(
      "Strength of the tone",
      [1, 1.25, 1.5, 2].map((strength) => ({
        label: `${strength}`,
        description: strength === 1 ? "Said once in the prompt; no extra cost" : "Each token is read twice",
        choose: () => ({ ...guide, strength }),
      })),
    ),
  adapter: async (guide, adapters) =>
    choose("Adapter", [
      { label: "None", description: "The model as it is", choose: () => without(guide, "adapter") },
      ...(await adapters()).map(({ name, path, description = "" }) => ({
        label: name,
        description,
        detail: path,
        choose: () => ({ ...guide, adapter: { name, path } }),
      })),
    ]),
};

async function choose(title: string, choices: readonly Choice[]): Promise<Guide | undefined> {
  const choice = await vscode.window.showQuickPick(choices, { title, matchOnDetail: true });
  return choice?.choose();
}

async function ownTone(guide: Guide): Promise<Guide | undefined> {
  const tone = await vscode.window.showInputBox({
    title: "Tone",
    prompt: "How the text is to sound, such as: calm and a little ironic",
    value: guide.tone ?? "",
  });
  return tone === undefined || tone.trim() === "" ? undefined : { ...guide, tone: tone.trim() };
}

async function ownExpression(guide: Guide): Promise<Guide | undefined> {
  const source = await vscode.window.showInputBox({
    title: "Regular expression",
    prompt: "What is written matches all of it",
    placeHolder: "[A-Z][a-z]+, [0-9]{4}",
    value: guide.form?.kind === "regex" ? guide.form.source : "",
    validateInput: problemOf,
  });
  return source === undefined || source === "" ? undefined : { ...guide, form: { kind: "regex", source } };
}

async function problemOf(source: string): Promise<string | undefined> {
  if (source === "") return undefined;
  // Needed by few, and it brings the constraint engine with it.
  const { expressionProblem } = await import("../../lang/guide/expressionProblem.js");
  return expressionProblem(source);
}

function formName(form: Form): string {
  return form.kind === "regex" ? `/${form.source}/` : forms.find((it) => it.id === form.kind)!.name.toLowerCase();
}

function without(guide: Guide, key: keyof Guide): Guide {
  const { [key]: _, ...others } = guide;
  return others;
}
