/** Anything that can be given back: `vscode.Disposable` and everything shaped like it. */
export interface DisposableLike {
  dispose(): unknown;
}

/** Owns what it registers and gives it back once, in reverse order. Late arrivals are given back at once. */
export abstract class Disposable {
  private readonly owned: DisposableLike[] = [];
  private isDisposed = false;

  protected register<T extends DisposableLike>(item: T): T {
    if (this.isDisposed) item.dispose();
    else this.owned.push(item);
    return item;
  }

  dispose(): void {
    this.isDisposed = true;
    for (const item of this.owned.splice(0).reverse()) item.dispose();
  }
}

/** Holds one replaceable item: setting another gives the previous one back. */
export class Slot<T extends DisposableLike> implements DisposableLike {
  private item: T | undefined;

  get value(): T | undefined {
    return this.item;
  }

  set value(next: T | undefined) {
    const previous = this.item;
    this.item = next;
    if (previous !== next) previous?.dispose();
  }

  dispose(): void {
    this.value = undefined;
  }
}
