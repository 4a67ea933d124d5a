/** `tiller lsp`: the language server for editors that start one themselves. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { TillerError } from "../../base/error.js";
import { defineCommand } from "../command.js";

export const lsp = defineCommand({
  name: "lsp",
  summary: "Start the language server, for editors other than VS Code.",
  operands: "",
  options: {
    stdio: { type: "boolean", help: "Speak over standard input and output; the only way, and the default." },
  },
  details: `
In Neovim, for files of the type "dotprompt":
  vim.lsp.start({ name = "tiller", cmd = { "tiller", "lsp", "--stdio" } })
In Helix, in languages.toml:
  [language-server.tiller]
  command = "tiller"
  args = ["lsp", "--stdio"]`,
  async run({ root, signal }, _options, operands) {
    if (0 < operands.length) throw new TillerError("usage", "tiller lsp takes no file: the editor names them.");
    // A process of its own, as in VS Code.
    const server = join(root, "dist/server.js");
    if (!existsSync(server))
      throw new TillerError("file-not-found", `The language server is missing (${server}). Install Tiller again.`);
    const child = spawn(process.execPath, [server, "--stdio"], { stdio: "inherit" });
    signal.addEventListener("abort", () => child.kill(), { once: true });
    const [code] = (await once(child, "exit")) as [number | null];
    return code ?? 1;
  },
});
