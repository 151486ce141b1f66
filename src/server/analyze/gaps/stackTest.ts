const [no, yes] = [1, 2];

/** A question about stacks, or about frames: asked once for each, by its index. */
export class StackTest {
  /** 0 not asked yet. */
  private readonly answers: Uint8Array;

  constructor(
    count: number,
    /** `test` is this test, with what was answered before. */
    private readonly ask: (index: number, test: StackTest) => boolean,
  ) {
    this.answers = new Uint8Array(count);
  }

  /** The answer; undefined when it was not asked yet. */
  answer(index: number): boolean | undefined {
    const known = this.answers[index];
    return known === 0 ? undefined : known === yes;
  }

  /** Asks. */
  holds(index: number): boolean {
    const known = this.answers[index];
    if (known === yes) return true;
    if (known === no) return false;
    const isSo = this.ask(index, this);
    this.answers[index] = isSo ? yes : no;
    return isSo;
  }
}
