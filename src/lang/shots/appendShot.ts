/** A run that was good, or a text of the body, becomes an example for the next runs. Nothing else of the file changes. */

import type { Json, JsonObject } from "../../base/json.js";
import { isJsonObject } from "../../base/json.js";
import type { AppendedShot } from "../../protocol/language.js";
import type { PromptFile } from "../ast.js";
import { appendItems } from "../listEdit.js";

export interface NewShot {
  /** Values of the prompt's variables, or a plain text. */
  readonly input: string | JsonObject;
  readonly output: Json;
}

const KEY = "tiller.shots";

export function appendShot(file: PromptFile, shot: NewShot): AppendedShot {
  return appendShots(file, [shot]);
}

export function appendShots(prompt: PromptFile, added: readonly NewShot[]): AppendedShot {
  const { frontMatter } = prompt;
  const shots = added.map(({ input, output }) => ({ input, output }));
  if (frontMatter !== undefined && 0 < frontMatter.document.errors.length)
    return refused("The front matter has errors. Mend them first.");
  const value = frontMatter?.value[KEY] ?? [];
  if (isJsonObject(value)) {
    const { file } = value;
    if (typeof file !== "string") return refused("`tiller.shots` names no file.");
    return { kind: "line", file, line: shots.map((it) => `${JSON.stringify(it)}\n`).join("") };
  }
  if (!Array.isArray(value)) return refused("`tiller.shots` is no list.");
  const edit = appendItems(prompt, KEY, shots);
  return edit === undefined ? refused(unusual) : { kind: "edit", edit };
}

const unusual =
  "The front matter is written in a way to which no example can be added. Write `tiller.shots` as a list.";

function refused(reason: string): AppendedShot {
  return { kind: "refused", reason };
}
