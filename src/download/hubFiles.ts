/** The GGUF files of a repository of the hub, and which of them a quantization means. */

import { TillerError } from "../base/error.js";
import { shardCount, shardNames } from "./shards.js";
import { ask, causeOf, PassingFailure, type Credential } from "./request.js";
import { checkedAddress } from "./source.js";

export interface HubFile {
  /** Within the repository. */
  readonly path: string;
  readonly sizeBytes: number;
}

export interface Hub {
  /** Its address: https://huggingface.co, or that of a mirror. */
  readonly address: string;
  readonly credential?: Credential | undefined;
  readonly timeoutMs: number;
}

/** Tried in this order when no quantization is named: small and good enough first. */
const preferred: readonly string[] = ["Q4_K_M", "Q4_1", "Q4_0", "Q4_K_S", "Q5_K_M", "Q8_0", "Q6_K", "F16", "BF16"];

const MOST_PAGES = 50;
/** A list of files is text; one that is longer is none. */
const MOST_LIST_BYTES = 16 << 20;

/** All files that end in `.gguf`. Throws `download-failed`. */
export async function listHubFiles(hub: Hub, repository: string, signal: AbortSignal): Promise<HubFile[]> {
  const files: HubFile[] = [];
  let next: URL | undefined = apiAddress(hub, `${repository}/tree/main?recursive=true`);
  for (let page = 0; next !== undefined && page < MOST_PAGES; page++) {
    const { value, link }: JsonAnswer = await askJson(hub, next, signal);
    if (!Array.isArray(value)) throw unreadable(next);
    for (const { type, path, size } of value as readonly { readonly [key: string]: unknown }[]) {
      if (type === "file" && typeof path === "string" && /\.gguf$/i.test(path))
        files.push({ path, sizeBytes: typeof size === "number" ? size : 0 });
    }
    next = link;
  }
  return files;
}

/** As the repository's card names it, such as `apache-2.0`; undefined when it does not, or cannot be asked. */
export async function licenceOf(hub: Hub, repository: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const { value } = await askJson(hub, apiAddress(hub, repository), signal);
    const { tags } = value as { readonly tags?: unknown };
    const texts = Array.isArray(tags) ? tags.filter((it): it is string => typeof it === "string") : [];
    return texts.find((it) => it.startsWith("license:"))?.slice("license:".length);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof TillerError) return undefined; // to know it is welcome, and the file can be got without
    throw error;
  }
}

/**
 * The first file of the model that is meant, which has the quantization in its name. Without one, the only model there is,
 * or the first of a list of preferences. Throws `usage` with what there is when that is none or several.
 */
export function chooseFile(files: readonly HubFile[], repository: string, quantization: string | undefined): HubFile {
  // What goes with images is not the model; of a model in several files the first stands for all.
  const models = files.filter(({ path }) => !/mmproj/i.test(path) && (shardCount(path) === undefined || isFirst(path)));
  if (models.length === 0)
    throw new TillerError("usage", `${repository} holds no GGUF file. Look for a repository whose name ends in -GGUF.`);
  const wanted = quantization === undefined ? preferred : [quantization];
  if (quantization === undefined && models.length === 1) return models[0]!;
  for (const name of wanted) {
    const found = models.filter(({ path }) => hasQuantization(path, name));
    if (found.length === 1) return found[0]!;
    if (1 < found.length) {
      const list = found.map(({ path }) => `hf:${repository}/${path}`).join(", ");
      throw new TillerError("usage", `${repository} holds several files of ${name}. Name one: ${list}.`);
    }
  }
  const list = models.map(({ path }) => path).join(", ");
  throw new TillerError(
    "usage",
    quantization === undefined
      ? `${repository} holds several models. Name one, as in hf:${repository}/${models[0]!.path}. It holds ${list}.`
      : `${repository} holds no ${quantization}. It holds ${list}.`,
  );
}

function isFirst(path: string): boolean {
  return shardNames(path)[0] === path;
}

/** `Q4_K` is not meant by a name with `Q4_K_M`. */
function hasQuantization(path: string, name: string): boolean {
  const escaped = name.replace(/[^\w]/g, "\\$&");
  return new RegExp(`(?:^|[-./])${escaped}(?:[-./]|$)`, "i").test(path);
}

function apiAddress({ address }: Hub, path: string): URL {
  return checkedAddress(`${address.replace(/\/+$/, "")}/api/models/${path}`);
}

interface JsonAnswer {
  readonly value: unknown;
  /** Where the list goes on. */
  readonly link: URL | undefined;
}

async function askJson({ credential, timeoutMs }: Hub, url: URL, signal: AbortSignal): Promise<JsonAnswer> {
  const answer = await reached(url, ask({ url, credential, timeoutMs }, signal));
  try {
    const text = await reached(url, readText(answer.response));
    const [, next] = /<([^>]+)>;\s*rel="next"/.exec(answer.response.headers.get("link") ?? "") ?? [];
    const link = next === undefined ? undefined : new URL(next, url);
    // The token is only for this host, and so is the rest of the list.
    if (link !== undefined && link.host !== url.host) throw unreadable(url);
    return { value: JSON.parse(text), link };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof SyntaxError) throw unreadable(url);
    throw error;
  } finally {
    answer.close();
  }
}

async function readText({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    const bytes = chunk as Uint8Array;
    chunks.push(bytes);
    size += bytes.length;
    if (MOST_LIST_BYTES < size) throw new SyntaxError("too long");
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function reached<T>(url: URL, promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof TillerError || error instanceof SyntaxError) throw error;
    if (error instanceof PassingFailure || error instanceof TypeError) {
      const why = error instanceof PassingFailure ? error.message : causeOf(error);
      throw new TillerError(
        "download-failed",
        `The list of files at ${url.host} cannot be got: ${why}. Try again later.`,
      );
    }
    throw error; // the signal's reason
  }
}

function unreadable(url: URL): TillerError {
  return new TillerError(
    "download-failed",
    `${url.href} does not answer as the hub does. Check the address of the hub.`,
  );
}
