/** Marsaglia's xorshift: enough for shapes, and the same everywhere. */
export function randomFrom(seed) {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}

/** The same, for seeds that follow one another: they are spread first, as small ones begin alike. */
export function randomFromSmall(seed) {
  return randomFrom(seed * 2654435761);
}
