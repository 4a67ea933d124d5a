/** Entry point of the language server: `--node-ipc` for VS Code, `--stdio` for other editors. It knows no model. */

import { fileURLToPath } from "node:url";

import { createConnection, ProposedFeatures } from "vscode-languageserver/node";

import { usualFolders } from "./artefactFiles.js";
import { serveLanguage } from "./serveLanguage.js";
import { readPartial, readShotsFile } from "./partialFiles.js";

const connection = createConnection(ProposedFeatures.all);
const folders = usualFolders(fileURLToPath(new URL("..", import.meta.url)));
serveLanguage({ connection, readPartial, readShotsFile, folders });
connection.listen();
