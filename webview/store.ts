/** A value that tells its listeners when it was replaced. Small on purpose: no selectors, no middleware. */
export interface Store<T extends object> {
  readonly state: T;
  /** Replaces some fields. Listeners run at once, in order of subscription, and only if a field differs. */
  patch(changes: Partial<T>): void;
  /** Calls `listener` after each change; the answer ends the subscription. */
  subscribe(listener: StoreListener<T>): () => void;
}

export type StoreListener<T> = (state: T, previous: T) => void;

/** Makes a store that holds `initial`. A patch from within a listener is delivered after the present one. */
export function createStore<T extends object>(initial: T): Store<T> {
  let current = initial;
  const listeners = new Set<StoreListener<T>>();
  const waiting: { state: T; previous: T }[] = [];
  let isDelivering = false;

  const deliver = (): void => {
    if (isDelivering) return;
    isDelivering = true;
    try {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        for (const listener of [...listeners]) listener(next.state, next.previous);
      }
    } finally {
      isDelivering = false;
    }
  };

  return {
    get state() {
      return current;
    },
    patch(changes) {
      if (!differs(current, changes)) return;
      const previous = current;
      current = { ...current, ...changes };
      waiting.push({ state: current, previous });
      deliver();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function differs<T extends object>(state: T, changes: Partial<T>): boolean {
  return (Object.keys(changes) as (keyof T)[]).some(key => !Object.is(state[key], changes[key]));
}
