/** `tiller render`: the messages that would be sent, with the holes in them. */

import { resolve } from "node:path";

import type { HoleSpec } from "../../lang/hole.js";
import type { RenderedMessage, RenderedPart } from "../../lang/rendered.js";
import { defineCommand, oneOperand } from "../command.js";
import { inputOf } from "../givenText.js";
import { guideOf, guideOptions } from "../guideOptions.js";
import { jsonOption, jsonText } from "../jsonOutput.js";
import { plain, styled, type Output } from "../terminal.js";

export const render = defineCommand({
  name: "render",
  summary: "Show the messages that a .prompt file would send; runs no model.",
  operands: "FILE",
  options: {
    input: {
      type: "string",
      short: "i",
      value: "JSON|@FILE",
      help: "Values of the input variables; @- is standard input.",
    },
    ...guideOptions,
    otherwise: { type: "boolean", help: "The second reading of guidance: the prompt without what is emphasised." },
    ...jsonOption,
  },
  details: `
Holes are shown where they stand: what comes after the first one is sent when those before it are filled.`,
  async run(terminal, options, operands) {
    const { stdout, cwd } = terminal;
    const path = resolve(cwd, oneOperand("render", "a .prompt file", operands));
    const input = await inputOf(terminal, options.input);
    const { preview } = await import("../../runner/preview.js");
    const { nodeFiles } = await import("../../runner/nodeFiles.js");
    const reading = options.otherwise ? "otherwise" : "wanted";
    const messages = preview({ path, input, files: nodeFiles, ...guideOf(options) }, reading);
    if (options.json) stdout.write(jsonText(stdout, { messages }));
    else messages.forEach((it) => stdout.write(messageText(stdout, it)));
    return 0;
  },
});

function messageText(output: Output, { role, parts, shot }: RenderedMessage): string {
  const content = parts.map((it) => partText(output, it)).join("");
  const from = shot && ` shot ${shot.index + 1} of ${shot.of}, ${plain(output, shot.reason)}`;
  return `${styled(output, "bold", `[${role}]`)}${styled(output, "dim", from ?? "")}\n${content}${content === "" || content.endsWith("\n") ? "" : "\n"}\n`;
}

function partText(output: Output, part: RenderedPart): string {
  switch (part.kind) {
    case "text":
      return plain(output, part.text);
    case "hole":
      return styled(output, "cyan", plain(output, holeText(part.hole)));
    case "media":
      return styled(output, "cyan", plain(output, `{{media ${part.url}}}`));
    case "section":
      return styled(output, "dim", plain(output, `{{section ${part.name}}}`));
    case "other":
      return plain(output, JSON.stringify(part.value));
    default:
      return part satisfies never;
  }
}

function holeText({ name, constraint, stop, tokens, hidden }: HoleSpec): string {
  const choice =
    constraint?.kind === "choice" ? constraint.options.map((it) => JSON.stringify(it)).join(" | ") : undefined;
  const facts = [
    choice ?? constraint?.kind ?? "text",
    stop === undefined ? "" : `stop ${stop.map((it) => JSON.stringify(it)).join(" ")}`,
    tokens?.max === undefined ? "" : `at most ${tokens.max} tokens`,
    hidden === true ? "hidden" : "",
  ];
  return `{{${name}: ${facts.filter((it) => it !== "").join(", ")}}}`;
}
