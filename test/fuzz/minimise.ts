/** Makes an input that shows a fault smaller, a little: whole pieces are left out as long as the fault stays. */
export async function minimise(
  bytes: Uint8Array,
  showsFault: (candidate: Uint8Array) => Promise<boolean>,
  maxTries = 300,
): Promise<Uint8Array> {
  let smallest = bytes;
  let tries = 0;
  for (let size = smallest.length >> 1; size >= 1 && tries < maxTries; size >>= 1) {
    for (let at = smallest.length - size; at >= 0 && tries < maxTries; at -= size) {
      const candidate = new Uint8Array(smallest.length - size);
      candidate.set(smallest.subarray(0, at));
      candidate.set(smallest.subarray(at + size), at);
      tries++;
      if (await showsFault(candidate)) smallest = candidate;
    }
  }
  return smallest;
}
