/** A hub on this machine: a listing in pages, the card, and files that are kept by another server. */

import type { FileServer } from "./fileServer.js";
import { serve, sha256, startServer } from "./fileServer.js";

export interface FakeHub {
  readonly hub: FileServer;
  /** Where the hub sends those who ask for a file. */
  readonly store: FileServer;
}

/** `files`: by their path in the repository `owner/tiny-GGUF`. The licence is apache-2.0. */
export async function startHub(files: Readonly<Record<string, Uint8Array>>): Promise<FakeHub> {
  const byHash = new Map(Object.values(files).map((it) => [sha256(it), it]));
  const store = await startServer((request, response) => {
    const found = byHash.get(request.url?.slice(1) ?? "");
    if (found === undefined) response.writeHead(404).end();
    else serve(found, { etag: '"store"' })(request, response);
  });
  const hub = await startServer((request, response) => {
    const url = new URL(request.url ?? "", hub.origin);
    const [, path] = /^\/owner\/tiny-GGUF\/resolve\/main\/(.+)$/.exec(decodeURIComponent(url.pathname)) ?? [];
    const json = (value: unknown, headers: Record<string, string> = {}) =>
      response.writeHead(200, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));
    if (url.pathname === "/api/models/owner/tiny-GGUF") return json({ tags: ["gguf", "license:apache-2.0"] });
    if (url.pathname === "/api/models/owner/tiny-GGUF/tree/main") {
      const entries = [
        { type: "directory", path: "folder", size: 0 },
        { type: "file", path: "README.md", size: 10 },
        ...Object.entries(files).map(([name, content]) => ({ type: "file", path: name, size: content.length })),
      ];
      // Two pages, as of long lists.
      if (url.searchParams.has("cursor")) return json(entries.slice(3));
      url.searchParams.set("cursor", "3");
      return json(entries.slice(0, 3), { link: `<${url.href}>; rel="next"` });
    }
    const content = path === undefined ? undefined : files[path];
    if (content === undefined) return response.writeHead(404).end();
    const headers = {
      location: `${store.origin}/${sha256(content)}`,
      "x-linked-etag": `"${sha256(content)}"`,
      "x-linked-size": content.length,
    };
    return response.writeHead(302, headers).end();
  });
  return { hub, store };
}
