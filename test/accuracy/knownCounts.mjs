/** Primitive calls and calls of `known_calls.py`; a generator is entered once for each value and its end. */
export const knownCounts = {
  leaf: [1000, 1000],
  middle: [500, 500],
  top: [10, 10],
  fib: [1, 1973],
  '<genexpr>': [510, 510],
};
