/** Remembers what something was made from, so that it is made anew only when that has changed. */
export class MadeFrom {
  private parts: readonly unknown[] = [];

  /** Whether it was made from just these parts; they are what it is made from henceforth. */
  isSame(parts: readonly unknown[]): boolean {
    const { parts: before } = this;
    this.parts = parts;
    return parts.length === before.length && parts.every((part, at) => part === before[at]);
  }

  /** Nothing is the same any more. */
  forget(): void {
    this.parts = [];
  }
}
