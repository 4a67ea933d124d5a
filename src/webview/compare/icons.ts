/** The page's pictures, drawn on a grid of 16 by 16. They say nothing that does not stand beside them or in a label. */

import { h, type VirtualElement } from "../html/virtual.js";

/** Strokes, but for those that are filled. */
const paths = {
  add: "M8 3v10M3 8h10",
  again: "M12.5 5.5A5.2 5.2 0 1 0 13.2 8M13 2.5v3.3H9.7",
  blind: "M2 8s2.2-4 6-4 6 4 6 4-2.2 4-6 4-6-4-6-4zM3 13 13 3",
  close: "M4 4l8 8M12 4l-8 8",
  compare: "M2.5 3h11v10h-11zM8 3v10",
  copy: "M5.5 5.5h7v8h-7zM10.5 5.5v-3h-7v8h2",
  diff: "M2.5 3h4.5v10H2.5zM9 3h4.5v10H9zM4 6h1.5M10.5 6H12M4 9h1.5M11.2 8v3M9.9 9.5h2.6",
  down: "M3.5 6l4.5 4.5L12.5 6",
  edit: "M3 13l.8-3L11 2.8 13.2 5 6 12.2zM9.6 4.2l2.2 2.2",
  error: "M8 2.2a5.8 5.8 0 1 1 0 11.6A5.8 5.8 0 0 1 8 2.2zM5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4",
  file: "M4 2.5h5l3 3v8H4zM9 2.5v3h3",
  info: "M8 2.2a5.8 5.8 0 1 1 0 11.6A5.8 5.8 0 0 1 8 2.2zM8 7.2v3.6M8 4.9v.8",
  insert: "M3 3.5h10M3 12.5h10M8 5.5v5M6 8.6l2 2 2-2",
  left: "M10 3.5L5.5 8l4.5 4.5",
  pass: "M8 2.2a5.8 5.8 0 1 1 0 11.6A5.8 5.8 0 0 1 8 2.2zM5.3 8.2l1.9 1.9 3.6-3.9",
  play: "M5 3l8 5-8 5z",
  quote: "M3 4h10v7H8l-3 2.5V11H3z",
  right: "M6 3.5L10.5 8L6 12.5",
  stop: "M4 4h8v8H4z",
  test: "M6 2.5h4M6.7 2.5v4L3.5 13h9L9.3 6.5v-4M5.2 10h5.6",
  trash: "M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.6 9h5.8l.6-9M7 7v4.5M9 7v4.5",
  undo: "M3 6.5h6.5a3.3 3.3 0 0 1 0 6.6H6M5.5 3.8 2.8 6.5l2.7 2.7",
  up: "M3.5 10L8 5.5l4.5 4.5",
  warning: "M8 2.5l6 11H2zM8 6.5v3.5M8 11.4v.7",
} as const;

export type IconName = keyof typeof paths;

export function icon(name: IconName): VirtualElement<never> {
  return h<never>(
    "svg",
    { class: `glyph glyph-${name}`, viewBox: "0 0 16 16", "aria-hidden": "true", focusable: "false" },
    [h<never>("path", { d: paths[name] })],
  );
}
