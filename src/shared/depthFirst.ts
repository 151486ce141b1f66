/** A forest in depth-first order with where its nodes came from. */
export interface DepthFirst {
  /** Old index → new index. */
  readonly newIndex: Int32Array;
  readonly parent: Int32Array;
  readonly subtreeEnd: Int32Array;
  readonly depth: Uint16Array;
}

/** Deepest stack kept; the model stores depths in 16 bits. */
export const maxDepth = 65_000;

/**
 * Renumbers a forest whose parents stand before their children into depth-first order, children in their
 * order of appearance. Linear and without recursion: subtree sizes in one backward pass, places in one forward pass.
 */
export function depthFirst(oldParent: Int32Array): DepthFirst {
  const length = oldParent.length;
  const size = subtreeSizes(oldParent);
  const newIndex = new Int32Array(length);
  // A node's size is needed until its place is known, and where its next child goes from then on.
  const cursor = size;
  const parent = new Int32Array(length);
  const subtreeEnd = new Int32Array(length);
  const depth = new Uint16Array(length);
  let nextRoot = 0;
  for (let old = 0; old < length; old++) {
    const oldUp = oldParent[old] ?? -1;
    const at = oldUp < 0 ? nextRoot : (cursor[oldUp] ?? 0);
    const end = at + (size[old] ?? 1);
    if (oldUp < 0) nextRoot = end;
    else cursor[oldUp] = end;
    const up = oldUp < 0 ? -1 : (newIndex[oldUp] ?? -1);
    newIndex[old] = at;
    cursor[old] = at + 1;
    parent[at] = up;
    subtreeEnd[at] = end;
    depth[at] = up < 0 ? 0 : (depth[up] ?? 0) + 1;
  }
  return { newIndex, parent, subtreeEnd, depth };
}

function subtreeSizes(parent: Int32Array): Int32Array {
  const size = new Int32Array(parent.length).fill(1);
  for (let i = parent.length - 1; i >= 0; i--) {
    const up = parent[i] ?? -1;
    if (up >= 0) size[up] = (size[up] ?? 0) + (size[i] ?? 0);
  }
  return size;
}
