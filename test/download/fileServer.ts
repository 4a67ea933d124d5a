/** A server on this machine that gives files well or badly, and remembers what it was asked. */

import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after } from "node:test";

export interface Asked {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
}

export interface FileServer {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  readonly host: string;
  readonly asked: Asked[];
  /** What answers next; a test may change it between two requests. */
  answer: (request: IncomingMessage, response: ServerResponse) => void;
}

/** Closed with all its connections when the test file is done. */
export async function startServer(answer: FileServer["answer"]): Promise<FileServer> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    asked.push({ path: request.url ?? "", headers: request.headers });
    self.answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const self: FileServer = { origin: `http://${host}`, host, asked, answer };
  return self;
}

export interface Serving {
  readonly etag?: string;
  readonly lastModified?: string;
  /** False: always the whole file, whatever range is asked for. */
  readonly ranges?: boolean;
  /** The connection is cut after so many bytes of an answer. */
  readonly cutAfter?: number;
  /** Chunked: the length is not told. */
  readonly hideLength?: boolean;
}

/** Answers as an ordinary server does: 200, 206 with the right If-Range, 416. */
export function serve(content: Uint8Array, serving: Serving = {}): FileServer["answer"] {
  const { etag, lastModified, ranges = true, cutAfter, hideLength = false } = serving;
  return (request, response) => {
    const [, start] = /^bytes=(\d+)-$/.exec(request.headers.range ?? "") ?? [];
    const condition = request.headers["if-range"];
    const holds = condition === undefined || condition === etag || condition === lastModified;
    const from = ranges && start !== undefined && holds ? Number(start) : 0;
    const headers = {
      ...(etag !== undefined && { etag }),
      ...(lastModified !== undefined && { "last-modified": lastModified }),
    };
    if (0 < from && content.length <= from) {
      response.writeHead(416, { ...headers, "content-range": `bytes */${content.length}` }).end();
      return;
    }
    const body = content.subarray(from);
    response.writeHead(from === 0 ? 200 : 206, {
      ...headers,
      ...(!hideLength && { "content-length": body.length }),
      ...(0 < from && { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` }),
    });
    if (cutAfter === undefined) response.end(body);
    else response.write(body.subarray(0, cutAfter), () => setTimeout(() => response.destroy(), 20));
  };
}

/** Bytes that begin like a GGUF file and are all different. */
export function content(sizeBytes: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  let state = seed;
  for (let i = 0; i < sizeBytes; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  bytes.set(new TextEncoder().encode("GGUF"));
  return bytes;
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
