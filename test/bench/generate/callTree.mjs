/** The tree of all stacks that a walk has been in, for formats that write stacks by reference. */
export class CallTree {
  parent = [];
  place = [];
  children = [];
  byKey = new Map();

  /** Node of a stack of places, root first; makes the nodes that are missing. */
  nodeOf(stack) {
    let node = -1;
    for (const place of stack) node = this.child(node, place);
    return node;
  }

  child(parent, place) {
    const key = parent * 65_536 + place;
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    const node = this.place.push(place) - 1;
    this.parent.push(parent);
    this.children.push(undefined);
    if (parent >= 0) {
      this.children[parent] ??= [];
      this.children[parent].push(node);
    }
    this.byKey.set(key, node);
    return node;
  }
}
