/**
 * One question to a server: redirects are followed by hand, because each host must be checked and a token is shown to one
 * of them only.
 */

import { TillerError } from "../base/error.js";
import { checkedAddress, isLoopback } from "./source.js";

/** A secret that belongs to one host, such as `huggingface.co`. It is sent to no other, whoever redirects there. */
export interface Credential {
  readonly host: string;
  readonly token: string;
}

export interface Ask {
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly credential?: Credential | undefined;
  /** A server that has not begun to answer after so long is taken for gone. */
  readonly timeoutMs: number;
}

export interface Answer {
  readonly response: Response;
  /** What the hub says of the file before it sends us to where the bytes are. */
  readonly linked: LinkedFile;
  /** Closes the connection; to be called when the body is not read to its end. */
  close(): void;
}

export interface LinkedFile {
  readonly sha256?: string;
  readonly sizeBytes?: number;
}

/** The server or the network failed in a way that may be over in a moment. */
export class PassingFailure extends Error {
  constructor(
    message: string,
    /** What the server asks to wait. */
    readonly waitMs?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const MOST_REDIRECTS = 10;
const redirects = new Set([301, 302, 303, 307, 308]);

/**
 * Resolves with the last answer, whose status is 200, 206 or 416. Rejects with a `TillerError` when asking again is of no
 * use, with `PassingFailure` when it may be, and with the signal's reason.
 */
export async function ask({ url, headers = {}, credential, timeoutMs }: Ask, signal: AbortSignal): Promise<Answer> {
  let linked: LinkedFile = {};
  let address = url;
  for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
    const own = credential !== undefined && address.host === credential.host;
    const { response, close } = await send(
      address,
      // "identity": the bytes that are counted must be those of the file.
      { "accept-encoding": "identity", "user-agent": "tiller", ...headers, ...(own && bearer(credential)) },
      timeoutMs,
      signal,
    );
    linked = { ...linked, ...linkedFile(response) };
    if (!redirects.has(response.status)) {
      try {
        checkStatus(response, address, url);
      } catch (error) {
        close();
        throw error;
      }
      return { response, linked, close };
    }
    close();
    address = redirected(address, response, url);
  }
  throw new TillerError("download-failed", `${url.host} redirects in a circle, so ${url.href} cannot be got.`);
}

function bearer({ token }: Credential): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

async function send(
  url: URL,
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<{ response: Response; close(): void }> {
  signal.throwIfAborted();
  const controller = new AbortController();
  const close = () => {
    signal.removeEventListener("abort", close);
    controller.abort();
  };
  signal.addEventListener("abort", close, { once: true });
  const timer = setTimeout(close, timeoutMs);
  try {
    const response = await fetch(url, { headers, redirect: "manual", signal: controller.signal });
    return { response, close };
  } catch (error) {
    const isLate = controller.signal.aborted;
    close();
    signal.throwIfAborted();
    if (isLate) throw new PassingFailure(`${url.host} did not answer within ${timeoutMs / 1000} s`);
    throw new PassingFailure(`${url.host} cannot be reached (${causeOf(error)})`, undefined, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

function redirected(from: URL, { headers, status }: Response, asked: URL): URL {
  const location = headers.get("location");
  if (location === null || !URL.canParse(location, from.href))
    throw new TillerError("download-failed", `${from.host} redirects (${status}) without saying where to.`);
  const to = new URL(location, from.href);
  // Not even https may lead to a service on this machine: only who asked this machine is sent on to it.
  if (isLoopback(to) && !isLoopback(asked)) {
    throw new TillerError(
      "download-failed",
      `${from.host} redirects to this very machine (${to.host}), which is refused.`,
    );
  }
  try {
    return checkedAddress(to.href);
  } catch (error) {
    const why = error instanceof TillerError ? error.message : String(error);
    throw new TillerError("download-failed", `${from.host} redirects to an address that is refused. ${why}`);
  }
}

function checkStatus({ status, headers }: Response, at: URL, asked: URL): void {
  if (status === 200 || status === 206 || status === 416) return;
  const what = `${at.host} answered ${status}`;
  if (status === 429 || status === 408 || 500 <= status)
    throw new PassingFailure(what, waitOf(headers.get("retry-after")));
  const why =
    status === 401 || status === 403
      ? "the file is not open to everybody. If it is on huggingface.co, accept its terms there and set HF_TOKEN to a token of yours"
      : status === 404
        ? "there is no such file. Check the name; on the hub, upper and lower case count"
        : "it does not give the file";
  throw new TillerError("download-failed", `${asked.href} cannot be got: ${what}, ${why}.`);
}

/** Seconds, or a date (RFC 9110 section 10.2.3). */
function waitOf(text: string | null): number | undefined {
  if (text === null) return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) && 0 <= ms ? ms : undefined;
}

/** Files of the hub that Git LFS or Xet keeps are named by their SHA-256; the others have another kind of ETag. */
function linkedFile({ headers }: Response): LinkedFile {
  const sha256 = /^(?:W\/)?"?([0-9a-f]{64})"?$/i.exec(headers.get("x-linked-etag") ?? "")?.[1]?.toLowerCase();
  const size = headers.get("x-linked-size");
  return {
    ...(sha256 !== undefined && { sha256 }),
    ...(size !== null && /^\d+$/.test(size) && { sizeBytes: Number(size) }),
  };
}

/** What went wrong below `fetch`, which itself says "fetch failed" to everything. */
export function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const { code, message } = cause as { readonly code?: unknown; readonly message?: unknown };
  const known: Readonly<Record<string, string>> = {
    ENOTFOUND: "no such host, or no network",
    EAI_AGAIN: "its name cannot be looked up now",
    ECONNREFUSED: "it refuses connections",
    ECONNRESET: "the connection was cut",
    UND_ERR_SOCKET: "the connection was cut",
    ETIMEDOUT: "the connection took too long",
    CERT_HAS_EXPIRED: "its certificate has expired",
  };
  return (typeof code === "string" ? (known[code] ?? code) : undefined) ?? String(message ?? cause);
}
