/**
 * What the generated profiles have in common: threads that wander through a program of 4,000 functions, 10 to 60
 * calls deep, the same for the same seed.
 */
const functionCount = 4000;
const linesPerFunction = 5;
const callees = 6;
const minDepth = 10;
const maxDepth = 60;

/** Every place that can execute: function × line. A place is an index below `placeCount`. */
export const placeCount = functionCount * linesPerFunction;

/** Name, file and lines of a place. */
export function describePlace(place) {
  const func = Math.floor(place / linesPerFunction);
  const file = func % 160;
  const firstLine = 10 + (func % 37) * 21;
  return {
    func,
    name: `${verbs[func % verbs.length]}_${nouns[Math.floor(func / 7) % nouns.length]}_${func}`,
    file: `/srv/app/package_${file % 12}/module_${file}.py`,
    firstLine,
    line: firstLine + 1 + (place % linesPerFunction) * 3,
  };
}

const verbs = ['read', 'parse', 'render', 'merge', 'load', 'check', 'send'];
const nouns = ['row', 'order', 'template', 'session', 'index', 'cache', 'message', 'token', 'path'];

/** One thread's stack of places, root first, that changes by a few calls per step. */
export class CallWalk {
  /** Places of the present stack. */
  stack = [];
  /** How many of the innermost calls the last step left, and how many of the present ones it made. */
  left = 0;

  constructor(random) {
    this.random = random;
    this.push(0);
    while (this.stack.length < minDepth * 2) this.push(this.nextPlace());
  }

  /** Leaves up to four calls and makes up to four others. */
  step() {
    const { random, stack } = this;
    this.left = Math.min(stack.length - minDepth, Math.floor(random() * 5));
    stack.length -= this.left;
    const calls = Math.min(maxDepth - stack.length, Math.floor(random() * 5));
    for (let call = 0; call < calls; call++) this.push(this.nextPlace());
    if (this.left === 0 && calls === 0) this.moveOn();
  }

  push(place) {
    this.stack.push(place);
  }

  /** The innermost call goes on to another of its lines. */
  moveOn() {
    const innermost = this.stack.pop();
    const func = Math.floor(innermost / linesPerFunction);
    this.left = 1;
    this.push(func * linesPerFunction + Math.floor(this.random() * linesPerFunction));
  }

  /** Each function calls a handful of others. */
  nextPlace() {
    const caller = Math.floor((this.stack.at(-1) ?? 0) / linesPerFunction);
    const callee = (caller * 17 + 1 + Math.floor(this.random() * callees) * 613) % functionCount;
    return callee * linesPerFunction + Math.floor(this.random() * linesPerFunction);
  }
}

/** Three threads. */
export function threeWalks(random) {
  return [new CallWalk(random), new CallWalk(random), new CallWalk(random)];
}
