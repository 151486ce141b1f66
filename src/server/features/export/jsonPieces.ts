const batch = 512;

/** `[a,b,c]` of texts that are JSON already, in pieces of a bounded size. */
export function* jsonList(length: number, textAt: (index: number) => string): Generator<string> {
  for (let from = 0; from < length; from += batch) {
    let piece = from === 0 ? '[' : ',';
    for (let index = from; index < Math.min(from + batch, length); index++) {
      piece += index === from ? textAt(index) : `,${textAt(index)}`;
    }
    yield piece;
  }
  yield length === 0 ? '[]' : ']';
}

/** The same of what is met one after the other. */
export function* jsonListOf<T>(rows: Iterable<T>, textOf: (row: T) => string | number): Generator<string> {
  let separator = '[';
  for (const row of rows) {
    yield `${separator}${textOf(row)}`;
    separator = ',';
  }
  yield separator === '[' ? '[]' : ']';
}

/** `{"a":[…],"b":[…],"length":n}`: a table as columns of texts that are JSON already. */
export function* jsonTable(
  length: number,
  columns: Readonly<Record<string, (index: number) => string | number>>,
): Generator<string> {
  yield '{';
  for (const [name, textAt] of Object.entries(columns)) {
    yield `"${name}":`;
    yield* jsonList(length, index => String(textAt(index)));
    yield ',';
  }
  yield `"length":${length}}`;
}
