import type { ToPanel } from '../src/shared/panelMessages';
import type { PanelController } from './controller';
import { focusFunction } from './focusFunction';
import type { HostChannel } from './hostChannel';
import { pressKey } from './panelKeys';
import { restoreState } from './state';

type LoadingMessage = Extract<ToPanel, { type: 'loading' }>;
type RunMessage = Extract<ToPanel, { type: 'run' }>;

/** Turns what the host says into state. Slabs never come here: they settle their requests. */
export class MessageHandler {
  private isBuilt = false;

  constructor(
    private readonly parts: {
      readonly controller: PanelController;
      readonly channel: HostChannel;
      /** What fetches pictures: starts anew with each run that is shown. */
      readonly sources: readonly { reset(): void }[];
      /** What `vscode.getState` had. */
      readonly stored: unknown;
      /** Chooses a group of gaps. */
      showGaps(group: number): void;
      /** Builds the page; called once, when the texts are known. */
      build(): void;
    },
  ) {}

  handle(message: ToPanel): void {
    const { controller, channel } = this.parts;
    if (message.type === 'run') this.showRun(message);
    else if (message.type === 'loading') this.showLoading(message);
    else if (message.type === 'failed') controller.setPhase({ ...message, kind: 'failed' });
    else if (message.type === 'focusFunction') void focusFunction(controller, channel, message.func);
    else if (message.type === 'focusGap') this.parts.showGaps(message.group);
    else if (message.type === 'key') pressKey(message.key);
    else if (message.type === 'selectionCleared') controller.forgetSelection();
    else if (message.type === 'options') this.takeOptions(message.options);
  }

  private showLoading({ message, share, button, strings }: LoadingMessage): void {
    const { store } = this.parts.controller;
    if (strings) store.patch({ strings });
    const { cancel } = store.state.strings;
    store.patch({ phase: { kind: 'loading', message, share, button: button ?? cancel } });
  }

  private showRun({ summary, strings, options, live }: RunMessage): void {
    const { controller, channel, sources } = this.parts;
    const { state } = controller;
    channel.abandonRequests();
    for (const source of sources) source.reset();
    const isSameRun = state.summary?.runId === summary.runId;
    const kept = isSameRun ? {} : { ...options, ...restoreState(this.parts.stored, summary.runId) };
    if (!isSameRun) controller.flame.expectFirstPicture();
    controller.store.patch({ strings, ...(isSameRun ? {} : kept) });
    this.buildOnce();
    const order = summary.hasTimeAxis ? controller.state.order : 'leftHeavy';
    // Functions are numbered in the order in which they are met: those of several processes move while they grow.
    if (live !== 'ended' && processCount(summary) > 1) controller.clearSelection();
    controller.store.patch({ summary, order, live, phase: { kind: 'ready' }, viewFailure: '' });
    if (controller.state.selected || controller.state.range) controller.postSelection();
  }

  private takeOptions(options: { order: 'timeOrder' | 'leftHeavy'; ownCodeOnly: boolean }): void {
    const { controller } = this.parts;
    controller.setOrder(options.order);
    controller.setOwnCodeOnly(options.ownCodeOnly);
  }

  private buildOnce(): void {
    if (this.isBuilt) return;
    this.isBuilt = true;
    this.parts.build();
  }
}

function processCount({ lanes }: { readonly lanes: readonly { readonly pid: number }[] }): number {
  return new Set(lanes.map(lane => lane.pid)).size;
}
