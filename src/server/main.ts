/** Entry point of the language server: `--node-ipc` for VS Code, `--stdio` for other editors. It knows no model. */

import { createConnection, ProposedFeatures } from "vscode-languageserver/node";

import { serveLanguage } from "./serveLanguage.js";
import { readDataFile, readPartial, readShotsFile } from "./partialFiles.js";

const connection = createConnection(ProposedFeatures.all);
serveLanguage(connection, { partial: readPartial, shots: readShotsFile, data: readDataFile });
connection.listen();
