/**
 * Long work that stops now and then, so that whoever runs it may let others have their turn. Between two stops lies about a
 * millisecond.
 */
export type Steps<T> = Generator<void, T, void>;

/** Does all of it at once. */
export function finished<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Calls `work` for the pieces of `from … to - 1`, one after the other, each of at most `most`. */
export function* inPieces(
  { from, to, most }: { readonly from: number; readonly to: number; readonly most: number },
  work: (from: number, to: number) => void,
): Steps<void> {
  for (let at = from; at < to; at += most) {
    work(at, Math.min(to, at + most));
    yield;
  }
}
