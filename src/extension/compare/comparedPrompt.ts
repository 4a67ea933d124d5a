/** The prompt that is compared: what the language server says of it, the setup of its comparison, and the form's values. */

import * as vscode from "vscode";

import { messageOf } from "../../base/error.js";
import { isJsonObject, type JsonObject } from "../../base/json.js";
import type { Log } from "../../base/log.js";
import { canonical } from "../../compare/variantKey.js";
import type { Choice } from "../../protocol/compareView.js";
import type { LanguageServer } from "../languageServer.js";
import type { CompareBoard } from "./compareBoard.js";
import { firstSetup } from "./firstSetup.js";
import { pickTable } from "./inputTable.js";
import { pickJudge } from "./judgeFile.js";
import { pickOutsideModel } from "./outsideModels.js";
import { promptVersions } from "./promptVersions.js";
import { withModelVariant, type CompareSetup } from "./setup.js";

export interface PromptServices {
  readonly language: Pick<LanguageServer, "preview" | "compareChoices">;
  readonly models: () => readonly Choice[];
  /** What was typed in the preview of a prompt. */
  readonly previewed: (uri: vscode.Uri) => JsonObject;
  readonly log: Log;
}

export class ComparedPrompt {
  constructor(
    private readonly board: CompareBoard,
    private readonly services: PromptServices,
  ) {}

  get uri(): vscode.Uri | undefined {
    const { uri } = this.board.data;
    return uri === undefined ? undefined : vscode.Uri.parse(uri);
  }

  /** Reads the prompt as it stands on the screen. */
  async load(): Promise<void> {
    const { board } = this;
    const { uri } = board.data;
    if (uri === undefined) return;
    try {
      const content = await this.services.language.preview({ uri, input: this.#typed() });
      if (uri !== board.data.uri || content === null) return;
      const isFirst = board.data.content === undefined && board.memory.setups[uri] === undefined;
      const named = { path: vscode.Uri.parse(uri).fsPath, models: this.services.models() };
      const setup = isFirst ? firstSetup(content, board.data.setup, named) : board.data.setup;
      const blind = isFirst && isJsonObject(content.compare) ? content.compare["blind"] : undefined;
      const isOwnForm = this.#isOwnForm(vscode.Uri.parse(uri));
      board.change({ content, setup, isOwnForm, ...(typeof blind === "boolean" && { blind }) });
      await Promise.all([this.#readChoices(), this.#readVersions()]);
    } catch (error) {
      this.services.log.write("warn", `the inputs of ${uri} are not known: ${messageOf(error)}`);
    }
  }

  // ---------------------------------------------------------------------------------------------- the setup

  change(setup: CompareSetup): void {
    const { uri, setup: before } = this.board.data;
    if (setup === before) return;
    if (uri !== undefined) this.board.keep({ setups: { ...this.board.memory.setups, [uri]: setup } });
    this.board.change({ setup });
  }

  /** The same, where it may name another table or judge. */
  changeChoices(setup: CompareSetup): Promise<void> {
    this.change(setup);
    return this.#readChoices();
  }

  async addOutside(): Promise<void> {
    const chosen = await pickOutsideModel();
    if (chosen === undefined) return;
    this.board.keep({ outside: [...new Set([...this.board.memory.outside, chosen.path])] });
    this.change(withModelVariant(this.board.data.setup, chosen));
  }

  async chooseRows(): Promise<void> {
    const rows = await pickTable(this.uri);
    if (rows === undefined) return this.board.post(); // the page's choice goes back
    await this.changeChoices({ ...this.board.data.setup, inputs: "rows", rows });
  }

  async chooseJudge(): Promise<void> {
    const judge = this.uri && (await pickJudge(this.uri));
    if (judge === undefined) return this.board.post(); // the page's choice goes back
    await this.changeChoices({ ...this.board.data.setup, judge });
  }

  /** How many rows the table has, whether the judge can judge. */
  async #readChoices(): Promise<void> {
    const { board } = this;
    const { uri, setup } = board.data;
    const { judge, rows } = setup;
    const table = setup.inputs === "rows" ? rows : undefined;
    if (uri === undefined || (table === undefined && judge === undefined)) return;
    const params = { uri, ...(table !== undefined && { table }), ...(judge !== undefined && { judge }) };
    const found = await this.services.language.compareChoices(params);
    const now = board.data.setup;
    board.change({
      ...(found?.table && table === now.rows && { table: { path: table!, ...found.table } }),
      ...(found?.judge && judge === now.judge && { judge: { path: judge!, ...found.judge } }),
    });
  }

  async #readVersions(): Promise<void> {
    const { uri } = this;
    const versions = uri && (await promptVersions(uri));
    if (versions && this.board.data.uri === uri.toString()) this.board.change({ versions });
  }

  // ---------------------------------------------------------------------------------------------- the form

  /** Undefined: it is as in the preview again. */
  type(name: string, value: JsonObject[string] | undefined): Promise<void> {
    const { [name]: _, ...others } = this.#typed();
    return this.#keepInputs(value === undefined ? others : { ...others, [name]: value });
  }

  takePreviewed(): Promise<void> {
    return this.#keepInputs(undefined);
  }

  /** What was typed here, and before anything was, what was typed in the preview. */
  #typed(): JsonObject {
    const { uri } = this;
    return uri === undefined ? {} : (this.board.memory.inputs[uri.toString()] ?? this.services.previewed(uri));
  }

  #keepInputs(values: JsonObject | undefined): Promise<void> {
    const uri = this.board.data.uri ?? "";
    const { [uri]: _, ...others } = this.board.memory.inputs;
    this.board.keep({ inputs: values === undefined ? others : { ...others, [uri]: values } });
    return this.load();
  }

  #isOwnForm(uri: vscode.Uri): boolean {
    const own = this.board.memory.inputs[uri.toString()];
    return own !== undefined && canonical(own) !== canonical(this.services.previewed(uri));
  }
}
