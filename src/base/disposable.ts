/** Things with a lifetime, and a bag that ends several at once. */

export interface Disposable {
  dispose(): void;
}

/** Disposes what it was given, last first, and at once what it is given after its own end. */
export class DisposableStore implements Disposable {
  readonly #items: Disposable[] = [];
  #disposed = false;

  add<T extends Disposable>(item: T): T {
    if (this.#disposed) item.dispose();
    else this.#items.push(item);
    return item;
  }

  dispose(): void {
    this.#disposed = true;
    while (0 < this.#items.length) this.#items.pop()!.dispose();
  }
}
