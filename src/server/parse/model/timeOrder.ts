/**
 * The order of moments that a file lists out of order, undefined when they are in order already. Recorded clocks step
 * back a little now and then, so the list is nearly sorted: moving single items is linear there.
 */
export function timeOrder(times: Float64Array): Uint32Array | undefined {
  let isSorted = true;
  for (let i = 1; i < times.length && isSorted; i++) {
    isSorted = !((times[i] as number) < (times[i - 1] as number));
  }
  if (isSorted) return undefined;
  const order = Uint32Array.from(times, (_, index) => index);
  if (!insertionSort(order, times)) {
    order.sort((a, b) => (times[a] as number) - (times[b] as number) || a - b);
  }
  return order;
}

/** Sorts unless that takes more than a few moves for each item; then the order is left half sorted. */
function insertionSort(order: Uint32Array, times: Float64Array): boolean {
  let budget = order.length * 8;
  for (let i = 1; i < order.length; i++) {
    const item = order[i] as number;
    const time = times[item] as number;
    let at = i;
    while (at > 0 && (times[order[at - 1] as number] as number) > time) {
      order[at] = order[at - 1] as number;
      at--;
    }
    order[at] = item;
    budget -= i - at;
    if (budget < 0) return false;
  }
  return true;
}
