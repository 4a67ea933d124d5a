/** What runs at the moment and can be cancelled by one command, whoever started it. */

import type { Disposable } from "../base/disposable.js";

export interface Operation extends Disposable {
  readonly signal: AbortSignal;
  cancel(): void;
  /** It is over. */
  dispose(): void;
}

export class Operations implements Disposable {
  readonly #running = new Set<AbortController>();
  readonly #onBusy: (busy: boolean) => void;

  /** `onBusy` is told when the first operation begins and when the last one ends. */
  constructor(onBusy: (busy: boolean) => void) {
    this.#onBusy = onBusy;
  }

  start(): Operation {
    const controller = new AbortController();
    this.#running.add(controller);
    if (this.#running.size === 1) this.#onBusy(true);
    return {
      signal: controller.signal,
      cancel: () => controller.abort(),
      dispose: () => {
        if (this.#running.delete(controller) && this.#running.size === 0) this.#onBusy(false);
      },
    };
  }

  cancelAll(): void {
    for (const controller of this.#running) controller.abort();
  }

  dispose(): void {
    this.cancelAll();
  }
}
