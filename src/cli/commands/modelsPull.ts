/** `tiller models pull`: gets a model from the network, because the user asks for it. */

import { join, resolve } from "node:path";

import { defineCommand, oneOperand } from "../command.js";
import { jsonOption, jsonText, quietOption } from "../jsonOutput.js";
import { createPullScreen } from "../pullScreen.js";
import { plain, type Terminal } from "../terminal.js";

export const modelsPull = defineCommand({
  name: "models pull",
  summary: "Get a model from Hugging Face or from any https address.",
  operands: "URL | hf:OWNER/REPO/FILE | OWNER/REPO[:QUANT]",
  options: {
    to: {
      type: "string",
      value: "PATH",
      help: "The folder it is put in, or the file itself: PATH.gguf. Default: ~/.tiller/models.",
    },
    sha256: { type: "string", value: "HEX", help: "What the SHA-256 of the file must be." },
    force: { type: "boolean", help: "Replace another file of the same name." },
    ...quietOption,
    ...jsonOption,
  },
  details: `
What has come is kept when the command is stopped or the connection breaks; the same command goes on from there. A file gets
its name when it is whole: its SHA-256 is compared with the one that you or the hub name, and its head is read.
HF_TOKEN is sent to huggingface.co and to nobody else. HF_ENDPOINT names a mirror of the hub.

Examples:
  tiller models pull bartowski/SmolLM2-360M-Instruct-GGUF:Q4_K_M
  tiller models pull hf:Qwen/Qwen3-0.6B-GGUF/Qwen3-0.6B-Q8_0.gguf
  tiller models pull https://example.com/model.gguf --sha256 0123... --to models`,
  async run(terminal, options, operands) {
    const { stdout, stderr, env, signal } = terminal;
    const source = oneOperand("models pull", "a source (an address, hf:OWNER/REPO/FILE or OWNER/REPO:QUANT)", operands);
    const to = options.to === undefined ? join(terminal.home, ".tiller", "models") : pathOf(terminal, options.to);
    const { pull } = await import("../../download/pull.js");
    const { checkModelFile } = await import("../../engine/checkModelFile.js");
    const screen = createPullScreen(stderr, { to, quiet: options.quiet });
    const request = {
      source,
      to,
      replace: options.force,
      ...(options.sha256 !== undefined && { sha256: options.sha256 }),
    };
    try {
      const { files } = await pull(request, { env, check: checkModelFile }, (event) => screen.onEvent(event), signal);
      screen.done(files);
      stdout.write(
        options.json ? jsonText(stdout, { files }) : files.map(({ path }) => `${plain(stdout, path)}\n`).join(""),
      );
      return 0;
    } catch (error) {
      screen.clear();
      if (signal.aborted && error === signal.reason) screen.stopped();
      throw error;
    }
  },
});

function pathOf({ cwd, home }: Terminal, given: string): string {
  return resolve(cwd, given.replace(/^~(?=$|[/\\])/, home));
}
