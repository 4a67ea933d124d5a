/** Entry point of the language server: `--node-ipc` for VS Code, `--stdio` for other editors. It knows no model. */

import { fileURLToPath } from "node:url";

import { createConnection, ProposedFeatures } from "vscode-languageserver/node";

import { usualFolders } from "./artefactFiles.js";
import { serveLanguage } from "./serveLanguage.js";
import { findPicture, readDataFile, readPartial, readShotsFile } from "./partialFiles.js";

const connection = createConnection(ProposedFeatures.all);
const folders = usualFolders(fileURLToPath(new URL("..", import.meta.url)));
const read = { partial: readPartial, shots: readShotsFile, data: readDataFile, picture: findPicture };
serveLanguage({ connection, read, folders });
connection.listen();
