/**
 * Gets a model from the network: what is meant, which files it has, one after the other. This is the only room of the
 * program that asks the network for anything, and it is loaded by nothing but the user's word.
 */

import { statSync } from "node:fs";
import { basename, join } from "node:path";

import { TillerError } from "../base/error.js";
import type { OnEvent } from "../protocol/engine.js";
import type { PulledFile, PullEvent, PullRequest, PullResult } from "../protocol/pull.js";
import { download, realWorld, type DownloadWorld } from "./download.js";
import { chooseFile, licenceOf, listHubFiles, type Hub } from "./hubFiles.js";
import type { Credential } from "./request.js";
import { shardAddresses, shardNames } from "./shards.js";
import { DEFAULT_HUB, hubFile, parseSource } from "./source.js";

export interface PullOptions {
  /** HF_ENDPOINT: a mirror of the hub; HF_TOKEN: sent to huggingface.co alone, never to a mirror. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Looks into a whole file before it gets its name. Throws `model-corrupt` when it is no model. */
  readonly check: (path: string) => Promise<void>;
  readonly world?: DownloadWorld;
  /** The host that the token is for; tests have another one. */
  readonly tokenHost?: string;
}

interface PlannedFile {
  readonly url: URL;
  readonly target: string;
  readonly sizeBytes?: number;
}

interface Plan {
  readonly files: readonly PlannedFile[];
  readonly licence?: string | undefined;
}

/** Throws `usage`, `download-failed`, `model-corrupt`, `file-unwritable`; rejects with the signal's reason. */
export async function pull(
  request: PullRequest,
  options: PullOptions,
  onEvent: OnEvent<PullEvent>,
  signal: AbortSignal,
): Promise<PullResult> {
  const { env, check, world = realWorld, tokenHost = "huggingface.co" } = options;
  const address = nonEmpty(env["HF_ENDPOINT"]) ?? DEFAULT_HUB;
  const credential = credentialOf(nonEmpty(env["HF_TOKEN"]), tokenHost);
  const sha256 = checkedHash(request.sha256);
  const hub: Hub = { address, credential, timeoutMs: world.silenceMs };
  const { files, licence } = await plan(request, hub, signal);
  if (1 < files.length && sha256 !== undefined) {
    throw new TillerError(
      "usage",
      `This model is ${files.length} files, and a SHA-256 is of one. Leave --sha256 out: the hub names that of each.`,
    );
  }
  onEvent({
    type: "files",
    files: files.map(({ target, sizeBytes }) => ({
      name: basename(target),
      ...(sizeBytes !== undefined && { sizeBytes }),
    })),
    ...(licence !== undefined && { licence }),
  });
  const pulled: PulledFile[] = [];
  for (const [i, { url, target }] of files.entries()) {
    const one = { url, target, credential, sha256, check, begins: "GGUF", replace: request.replace === true };
    pulled.push(await download({ ...one, index: i + 1, count: files.length }, onEvent, signal, world));
  }
  return { files: pulled };
}

async function plan({ source: given, to }: PullRequest, hub: Hub, signal: AbortSignal): Promise<Plan> {
  const source = parseSource(given, hub.address);
  if (source.kind === "repository") {
    const { repository, quantization } = source;
    const listed = await listHubFiles(hub, repository, signal);
    const first = chooseFile(listed, repository, quantization);
    const licence = await licenceOf(hub, repository, signal);
    const paths = shardNames(first.path);
    const files = paths.map((path): PlannedFile => {
      const found = listed.find((it) => it.path === path);
      if (found === undefined)
        throw new TillerError(
          "download-failed",
          `${repository} holds ${first.path} but not ${path}, so the model is not whole there.`,
        );
      const { url, file } = hubFile(hub.address, repository, "main", path);
      return { url, target: targetIn(to, file, paths.length), sizeBytes: found.sizeBytes };
    });
    return { files, licence };
  }
  const urls = shardAddresses(source.url);
  const names = shardNames(source.file);
  if (urls.length !== names.length) return { files: [{ url: source.url, target: targetIn(to, source.file, 1) }] };
  return { files: urls.map((url, i) => ({ url, target: targetIn(to, names[i]!, urls.length) })) };
}

/** `to` is a folder, or the file itself. */
function targetIn(to: string, name: string, count: number): string {
  const isFolder = statSync(to, { throwIfNoEntry: false })?.isDirectory() === true;
  if (!isFolder && /\.gguf$/i.test(to)) {
    if (1 < count)
      throw new TillerError("usage", `This model is ${count} files, which keep their names: name a folder with --to.`);
    return to;
  }
  if (/\.gguf$/i.test(name)) return join(to, name);
  throw new TillerError(
    "usage",
    `"${name}" is not the name of a GGUF file. If it is one all the same, say what it is to be called: --to FOLDER/NAME.gguf.`,
  );
}

function credentialOf(token: string | undefined, host: string): Credential | undefined {
  if (token === undefined) return undefined;
  // Said here, because whoever refuses it further down would quote it.
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new TillerError("usage", "HF_TOKEN holds characters that no token has. Set it again, or leave it out.");
  return { host, token };
}

function checkedHash(given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  const hash = given
    .trim()
    .replace(/^sha256:/i, "")
    .toLowerCase();
  if (/^[0-9a-f]{64}$/.test(hash)) return hash;
  throw new TillerError("usage", `A SHA-256 is 64 hexadecimal digits, and "${given}" is not.`);
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === "" ? undefined : text.trim();
}
