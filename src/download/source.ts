/** What the user may write as the source of a model, and the addresses that are meant. */

import { TillerError } from "../base/error.js";

export type Source =
  /** One file at an address; `file` is the name it is kept under. */
  | { readonly kind: "address"; readonly url: URL; readonly file: string; readonly repository?: string }
  /** A repository of the hub, from which a file is chosen by its quantization. */
  | { readonly kind: "repository"; readonly repository: string; readonly quantization?: string };

export type Address = Extract<Source, { readonly kind: "address" }>;

export const DEFAULT_HUB = "https://huggingface.co";

/**
 * Throws `usage` for what is none of the forms and for addresses that would not be safe. `hub`: the hub's own address, or
 * that of a mirror.
 */
export function parseSource(given: string, hub: string = DEFAULT_HUB): Source {
  const [, repository, path] = /^hf:\/{0,2}([^/:\s]+\/[^/:\s]+)\/(.+)$/.exec(given) ?? [];
  if (repository !== undefined && path !== undefined) return hubFile(hub, repository, "main", path);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(given)) return fromAddress(given, hub);
  const [, name, quantization] = /^(?:hf:)?([\w.-]+\/[\w.-]+)(?::([\w.-]+))?$/.exec(given) ?? [];
  if (name !== undefined)
    return { kind: "repository", repository: name, ...(quantization !== undefined && { quantization }) };
  throw new TillerError(
    "usage",
    `"${given}" names no model: write an https address, hf:OWNER/REPO/FILE.gguf, or OWNER/REPO:QUANT as in ` +
      `bartowski/SmolLM2-360M-Instruct-GGUF:Q4_K_M.`,
  );
}

/** The address of a file in a repository of the hub (https://huggingface.co/docs/hub/models-downloading). */
export function hubFile(hub: string, repository: string, revision: string, path: string): Address {
  const parts = path.split("/");
  const url = checkedAddress(
    `${hub.replace(/\/+$/, "")}/${repository}/resolve/${encodeURIComponent(revision)}/${parts.map(encodeURIComponent).join("/")}`,
  );
  return { kind: "address", url, file: fileName(parts.at(-1)!), repository };
}

/** An address that may be asked: https, or http to this very machine. */
export function checkedAddress(given: string): URL {
  if (!URL.canParse(given)) throw new TillerError("usage", `"${given}" is no address that can be read.`);
  const url = new URL(given);
  if (url.username !== "" || url.password !== "") {
    throw new TillerError(
      "usage",
      `The address of ${url.host} holds a name or a password, which would be kept in places where they do not belong. Leave them out.`,
    );
  }
  if (url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url))) return url;
  const why =
    url.protocol === "http:"
      ? "anybody on the way could change what comes over http"
      : `${url.protocol}// is no way to get a file`;
  throw new TillerError("usage", `${url.href} is not asked: ${why}. Use an https address.`);
}

export function isLoopback({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d+){3}$/.test(hostname);
}

function fromAddress(given: string, hub: string): Source {
  const url = checkedAddress(given);
  const host = new URL(hub).host;
  const isHub = url.host === host || url.host === "huggingface.co" || url.host === "hf.co";
  const parts = url.pathname.split("/").filter((it) => it !== "");
  if (isHub) {
    const [owner, name, place, revision, ...path] = parts.map(decoded);
    if (owner !== undefined && name !== undefined && place === undefined)
      return { kind: "repository", repository: `${owner}/${name}` };
    // The page of a file is not the file.
    if ((place === "blob" || place === "resolve") && revision !== undefined && 0 < path.length)
      return hubFile(url.host === host ? hub : DEFAULT_HUB, `${owner}/${name}`, revision, path.join("/"));
  }
  return { kind: "address", url, file: fileName(decoded(parts.at(-1) ?? "")) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a stray % means itself
  }
}

/** A name that is only a name on every system: it comes from somebody else and must not lead out of the folder. */
function fileName(given: string): string {
  const name = given
    .replace(/[\u0000-\u001f\u007f-\u009f<>:"/\\|?*]/g, "_")
    .replace(/^[. ]+|[. ]+$/g, "")
    .slice(0, 200);
  return /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name) ? `_${name}` : name;
}
