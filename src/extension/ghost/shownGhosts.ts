/** Completions that were made: the user may type into one, go back to it, or ask for others in the same place. */

export interface Ghost {
  /** What stood before the cursor. */
  readonly before: string;
  readonly texts: readonly string[];
}

const KEPT = 20;

export class ShownGhosts {
  readonly #ghosts: Ghost[] = [];

  add(before: string, text: string): void {
    const known = this.#ghosts.find((it) => it.before === before);
    // The last one that was asked for is the one in view, and goes on when a beginning of both is typed.
    const texts = [...new Set([text, ...(known?.texts ?? [])])];
    if (known !== undefined) this.#ghosts.splice(this.#ghosts.indexOf(known), 1);
    this.#ghosts.push({ before, texts });
    if (KEPT < this.#ghosts.length) this.#ghosts.shift();
  }

  /** What is left of completions whose beginning has been typed, the newest first. */
  at(before: string): readonly string[] {
    const found: string[] = [];
    for (const ghost of [...this.#ghosts].reverse()) {
      if (!before.startsWith(ghost.before)) continue;
      const typed = before.slice(ghost.before.length);
      for (const text of ghost.texts)
        if (text.startsWith(typed) && typed.length < text.length) found.push(text.slice(typed.length));
    }
    return [...new Set(found)];
  }
}
