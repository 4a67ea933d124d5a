// Pictures in the bundled host: what unpacks JPEG and WebP is found beside the bundle, in another process.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";

import { silentLog } from "../../src/base/log.js";
import { HostSupervisor } from "../../src/client/hostSupervisor.js";
import { startNodeChannel } from "../../src/client/nodeChannel.js";
import type { PromptInput } from "../../src/protocol/engine.js";

const root = join(import.meta.dirname, "../../..");
const model = { path: join(root, "test/tiny/smolvlm/model.gguf"), threads: 1 };
const never = new AbortController().signal;

test("the bundled host reads PNG, JPEG and WebP", async () => {
  const start = () => startNodeChannel({ modulePath: join(root, "dist/host.js"), log: silentLog });
  const supervisor = new HostSupervisor({ start, log: silentLog });
  try {
    const texts = new Set<string>();
    for (const name of ["rgb.png", "photo.jpg", "photo.webp"]) {
      const source = { path: join(root, "test/engine/vision/fixtures", name) };
      const prompt: PromptInput = {
        type: "messages",
        messages: [{ role: "user", content: "", images: [{ at: 0, source }] }],
      };
      const { images } = await supervisor.api.tokenize({ model, prompt }, ignore, never);
      assert.equal(images?.length, 1);
      texts.add((await supervisor.api.generate({ model, prompt, maxTokens: 8 }, ignore, never)).ids.join());
    }
    assert.equal(texts.size, 3);
    await assert.rejects(supervisor.api.tokenize({ model, prompt: missing }, ignore, never), {
      code: "file-not-found",
    });
  } finally {
    supervisor.dispose();
  }
});

const missing: PromptInput = {
  type: "messages",
  messages: [{ role: "user", content: "", images: [{ at: 0, source: { path: join(root, "no.png") } }] }],
};

function ignore(): void {}
