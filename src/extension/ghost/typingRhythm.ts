/** How long to wait after a keystroke: a little longer than this user mostly takes for the next one. */

const KEPT = 8;
/** A longer pause is not typing any more. */
const LONGEST_MS = 1000;
const FASTEST_MS = 60;
const SLOWEST_MS = 350;
const START_MS = 150;

export class TypingRhythm {
  readonly #intervals: number[] = [];
  #lastMs = -Infinity;

  /** A key was typed. */
  typed(nowMs: number): void {
    const interval = nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    if (LONGEST_MS < interval) return;
    this.#intervals.push(interval);
    if (KEPT < this.#intervals.length) this.#intervals.shift();
  }

  /** How much of the pause after the last key is left: the editor has waited for some of it already. */
  leftMs(nowMs: number): number {
    return Math.max(0, Math.min(this.pauseMs, this.#lastMs + this.pauseMs - nowMs));
  }

  get pauseMs(): number {
    if (this.#intervals.length < 3) return START_MS;
    const sorted = [...this.#intervals].sort((a, b) => a - b);
    // Three of four keys come within this time; then the user is likely to have stopped.
    const usual = sorted[Math.floor(sorted.length * 0.75)]!;
    return Math.min(SLOWEST_MS, Math.max(FASTEST_MS, usual * 1.2));
  }
}
