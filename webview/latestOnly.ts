import { ViewError } from './hostChannel';
import type { PanelState } from './state';
import type { Store } from './store';

/** Puts a failure where the user sees it; an overtaken request is none. */
export function reportFailure(store: Store<PanelState>, error: unknown): void {
  if (error instanceof ViewError && error.isSuperseded) return;
  store.patch({ viewFailure: error instanceof Error ? error.message : String(error) });
}

/** Asks once per distinct query; only the last one's answer counts. Null asks nothing and forgets. */
export function latestOnly<Q, V>(
  ask: (query: Q) => Promise<V>,
  onAnswer: (view: V) => void,
  onFailure: (error: unknown) => void,
): (query: Q | null) => void {
  let lastKey = '';
  return query => {
    const key = query === null ? '' : JSON.stringify(query);
    if (key === lastKey) return;
    lastKey = key;
    if (query === null) return;
    ask(query).then(
      view => {
        if (key === lastKey) onAnswer(view);
      },
      (error: unknown) => {
        if (key === lastKey) onFailure(error);
      },
    );
  };
}
