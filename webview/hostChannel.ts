import type { ViewQuery } from '../src/shared/api';
import type { FromPanel, ToPanel } from '../src/shared/panelMessages';
import { decodeSlab } from '../src/shared/slab';
import type { View } from '../src/shared/views';

/** What VS Code gives a webview; state survives hiding and reloading. */
export interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

/** The view that answers a query. */
export type ViewOf<Q extends ViewQuery> = Extract<View, { kind: Q['kind'] }>;

/** A view that could not be had, with the host's sentence. `isSuperseded` ones are not for the user. */
export class ViewError extends Error {
  constructor(
    message: string,
    readonly isSuperseded = false,
  ) {
    super(message);
    this.name = 'ViewError';
  }
}

/** Messages to and from the extension host. Every request settles: by a slab, a failure, or a newer run. */
export interface HostChannel {
  post(message: FromPanel): void;
  /** Asks for a view; rejects with a `ViewError`. */
  request<Q extends ViewQuery>(query: Q): Promise<ViewOf<Q>>;
  /** Settles whatever is under way as superseded: the run was read anew, or the host is gone. */
  abandonRequests(): void;
}

interface Pending {
  resolve(slab: ArrayBuffer): void;
  reject(error: ViewError): void;
}

/** Opens the channel. Slabs and view failures settle requests; everything else goes to `onMessage`. */
export function openHostChannel(
  api: Pick<VsCodeApi, 'postMessage'>,
  onMessage: (message: ToPanel) => void,
): HostChannel {
  const pending = new Map<number, Pending>();
  let lastId = 0;
  window.addEventListener('message', event => {
    const message = asToPanel(event.data);
    if (message && !settle(pending, message)) onMessage(message);
  });
  return {
    post: message => api.postMessage(message),
    async request<Q extends ViewQuery>(query: Q) {
      lastId += 1;
      const id = lastId;
      const slab = new Promise<ArrayBuffer>((resolve, reject) => pending.set(id, { resolve, reject }));
      api.postMessage({ type: 'view', id, query } satisfies FromPanel);
      return decodeSlab<ViewOf<Q>>(await slab);
    },
    abandonRequests() {
      for (const request of pending.values()) request.reject(new ViewError('superseded', true));
      pending.clear();
    },
  };
}

function settle(pending: Map<number, Pending>, message: ToPanel): boolean {
  if (message.type !== 'slab' && message.type !== 'viewFailed') return false;
  const request = pending.get(message.id);
  pending.delete(message.id);
  if (message.type === 'slab') request?.resolve(message.slab);
  else request?.reject(new ViewError(message.message));
  return true;
}

const messageTypes: readonly ToPanel['type'][] = [
  'run',
  'loading',
  'failed',
  'slab',
  'viewFailed',
  'focusFunction',
  'focusGap',
  'key',
  'selectionCleared',
  'options',
];

/** The host is ours, so only the kind is checked; other scripts' messages have none of ours. */
function asToPanel(data: unknown): ToPanel | undefined {
  const type = (data as { type?: unknown } | null)?.type;
  return messageTypes.some(known => known === type) ? (data as ToPanel) : undefined;
}
