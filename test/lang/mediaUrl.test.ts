/** What `{{media url=...}}` may name. */

import assert from "node:assert/strict";
import test from "node:test";

import { readMediaUrl } from "../../src/lang/data/mediaUrl.js";

const files: readonly (readonly [url: string, name: string, contentType?: string])[] = [
  ["photo.png", "photo.png"],
  ["./a b/Photo.JPG", "./a b/Photo.JPG"],
  ["/home/ada/cat.webp", "/home/ada/cat.webp"],
  ["C:\\cats\\cat.jpeg", "C:\\cats\\cat.jpeg"],
  ["file:///home/ada/my%20cat.png", "/home/ada/my cat.png"],
  ["file:///C:/cat.png", "C:/cat.png"],
  ["picture", "picture", "image/png"],
];
for (const [url, name, contentType] of files)
  test(`${url} is a file`, () => assert.deepEqual(readMediaUrl(url, contentType), { kind: "file", name }));

test("a data URL is its bytes, without white space", () =>
  assert.deepEqual(readMediaUrl("data:image/jpeg;name=a;base64,/9j/\n4AA="), { kind: "bytes", base64: "/9j/4AA=" }));

const wrong: readonly (readonly [url: string, part: string, contentType?: string])[] = [
  ["", "empty"],
  ["http://example.com/a.png", "nothing is fetched"],
  ["HTTPS://example.com/a.png", "nothing is fetched"],
  ["ftp://example.com/a.png", "nothing is fetched"],
  ["notes.txt", "ends in .png"],
  ["/etc/passwd", "ends in .png"],
  ["file:///etc/passwd", "ends in .png"],
  ["file://elsewhere/share/a.png", "broken"],
  ["file:///%zz.png", "broken"],
  ["a.png", "video/mp4", "video/mp4"],
  ["data:text/plain,hello", "text/plain"],
  ["data:,hello", "it is text"],
  ["data:image/svg+xml;base64,PHN2Zz4=", "svg"],
  ["data:image/png,abc", "base64"],
  ["data:image/png;base64,a*b", "broken"],
  ["data:image/png;base64,", "broken"],
];
for (const [url, part, contentType] of wrong)
  test(`${JSON.stringify(url)} is refused`, () => {
    const media = readMediaUrl(url, contentType);
    assert.ok(media.kind === "problem" && media.problem.includes(part), JSON.stringify(media));
  });
