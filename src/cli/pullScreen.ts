/** What `tiller models pull` shows on stderr: a line that rewrites itself on a screen, elsewhere one for each tenth. */

import { basename, dirname, join } from "node:path";
import { statSync } from "node:fs";

import { modelName } from "../base/modelName.js";
import { durationText } from "../base/durationText.js";
import { sizeText } from "../base/sizeText.js";
import type { PulledFile, PullEvent, PullProgress } from "../protocol/pull.js";
import { plain, styled, type Output } from "./terminal.js";

export interface PullScreen {
  onEvent(event: PullEvent): void;
  /** Wipes the line. */
  clear(): void;
  done(files: readonly PulledFile[]): void;
  /** The user has stopped it: says what is kept and how to go on. */
  stopped(): void;
}

const INTERVAL_MS = 80;

export function createPullScreen(
  stderr: Output,
  { to, quiet }: { readonly to: string; readonly quiet: boolean },
): PullScreen {
  const live = stderr.isTerminal && !quiet;
  const folder = /\.gguf$/i.test(to) ? dirname(to) : to;
  let shown = false;
  let lastMs = -Infinity;
  let toldTenth = "";
  let current: string | undefined;

  function clear(): void {
    if (shown) stderr.write("\r\u001b[K");
    shown = false;
  }

  function line(text: string): void {
    clear();
    if (!quiet) stderr.write(`${styled(stderr, "dim", plain(stderr, text))}\n`);
  }

  function show(text: string): void {
    const now = performance.now();
    if (!live || now - lastMs < INTERVAL_MS) return;
    lastMs = now;
    shown = true;
    stderr.write(`\r\u001b[K${styled(stderr, "dim", plain(stderr, text).slice(0, stderr.columns - 1))}`);
  }

  return {
    clear,
    onEvent(event) {
      switch (event.type) {
        case "files": {
          const sizes = event.files.map((it) => it.sizeBytes);
          const total = sizes.reduce<number | undefined>((sum, it) => (it === undefined ? it : (sum ?? 0) + it), 0);
          const names = event.files.map((it) => it.name);
          const what = names.length === 1 ? names[0]! : `${names[0]!} and ${names.length - 1} more`;
          const facts = [
            total !== undefined && 0 < total ? sizeText(total) : undefined,
            event.licence && `licence ${event.licence}`,
          ];
          return line([what, ...facts.filter((it) => it !== undefined)].join(", "));
        }
        case "progress": {
          current = event.name;
          if (live) return show(progressText(event));
          const tenth =
            event.totalBytes === undefined ? undefined : Math.floor((10 * event.doneBytes) / event.totalBytes);
          const key = `${event.name} ${tenth}`;
          if (key !== toldTenth) line(progressText(event));
          toldTenth = key;
          return;
        }
        case "checking":
          return show(`${event.name}: checking, ${Math.round(event.fraction * 100)} %`);
        case "note":
          return line(event.text);
        default:
          event satisfies never;
      }
    },
    done(files) {
      clear();
      for (const it of files) line(pulledText(it));
      const [first] = files;
      if (first !== undefined) line(`Use it with --model ${modelName(first.path)}.`);
    },
    stopped() {
      clear();
      const part =
        current === undefined ? undefined : join(folder, `${/\.gguf$/i.test(to) ? basename(to) : current}.part`);
      const kept = part === undefined ? undefined : statSync(part, { throwIfNoEntry: false })?.size;
      const text =
        kept === undefined || kept === 0
          ? "Stopped. Nothing is kept."
          : `Stopped. ${sizeText(kept)} are kept in ${part}; the same command goes on from there.`;
      stderr.write(`${plain(stderr, text)}\n`);
    },
  };
}

/** `a.gguf: 12 % of 270 MB, 3 MB/s, 1 min 20 s left` */
export function progressText(event: PullProgress): string {
  const { name, index, count, doneBytes, totalBytes, bytesPerSecond, secondsLeft } = event;
  const which = count === 1 ? name : `${name} (${index} of ${count})`;
  const done =
    totalBytes === undefined || totalBytes === 0
      ? sizeText(doneBytes)
      : `${Math.floor((100 * doneBytes) / totalBytes)} % of ${sizeText(totalBytes)}`;
  const parts = [
    done,
    bytesPerSecond === undefined ? undefined : `${sizeText(bytesPerSecond)}/s`,
    secondsLeft === undefined || doneBytes === totalBytes ? undefined : `${durationText(secondsLeft)} left`,
  ];
  return `${which}: ${parts.filter((it) => it !== undefined).join(", ")}`;
}

function pulledText({ path, sizeBytes, sha256, checkedBy, alreadyThere }: PulledFile): string {
  const by = { user: "as you say", hub: "as the hub says", nobody: "compared with nothing" }[checkedBy];
  const what = alreadyThere ? "is there already, whole" : "is there";
  return `${path} ${what}: ${sizeText(sizeBytes)}, sha256 ${sha256} (${by}).`;
}
