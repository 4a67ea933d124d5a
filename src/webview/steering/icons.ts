/** The few icons of the panel, drawn here: a webview of ours loads no font. 16 by 16, in strokes of the text's colour. */

import { tree, type Tree } from "./tree.js";

const paths = {
  add: "M8 3v10M3 8h10",
  reset: "M3.5 3v4h4M4 6.7A5 5 0 1 1 3.2 9.5",
  pass: "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM5 8.2l2.1 2.1L11 6.2",
  fail: "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8",
  refused: "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM3.7 12.3l8.6-8.6",
  live: "M1 8.5h3l2-5.5 3.5 10L11.5 8.5H15",
  settings: "M2 5h7M13 5h1M11 3v4M2 11h2M8 11h6M6 9v4",
  warning: "M8 2 1.6 13.5h12.8zM8 6.5v3.2M8 11.2v.8",
} as const;

export function icon(name: keyof typeof paths): Tree {
  return tree(
    "svg",
    { class: `i ${name}`, viewBox: "0 0 16 16", "aria-hidden": "true" },
    tree("path", { d: paths[name] }),
  );
}
