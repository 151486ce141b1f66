import type { RunSummary } from '../../src/shared/api';
import { commands } from '../../src/shared/contributions';
import type { PanelController } from '../controller';
import { element } from '../elements';
import type { PanelState, Phase } from '../state';
import { button, progressRing } from '../ui/toolkit';
import { noteLists } from './notes';

/** What stands in the panel's place while there is no profile to show: reading, failed, or nothing sampled. */
export class StatePane {
  readonly element = element('main', { class: 'state-pane' });
  private readonly content = element('div', { class: 'state-content', attributes: { role: 'status' } });

  constructor(private readonly controller: PanelController) {
    this.element.append(element('h1', { class: 'visually-hidden', text: 'Pyrolens' }), this.content);
    controller.store.subscribe((state, previous) => {
      if (state.phase !== previous.phase || state.summary !== previous.summary) this.show(state);
    });
    this.show(controller.state);
  }

  private show(state: PanelState): void {
    const { phase } = state;
    if (phase.kind === 'loading') this.put(this.loading(phase));
    else if (phase.kind === 'failed') this.put(this.failed(phase));
    else if (hasNoSamples(state) && state.summary) this.put(this.empty(state, state.summary));
    else this.put([]);
  }

  private put(parts: readonly Node[]): void {
    this.element.hidden = parts.length === 0;
    this.content.replaceChildren(...parts);
  }

  private loading(phase: Extract<Phase, { kind: 'loading' }>): Node[] {
    const text = element('p', { text: phase.message });
    const cancel = button({ content: phase.button, onClick: () => this.controller.host.cancelLoading() });
    if (phase.share === null) return [progressRing(phase.message), text, cancel];
    const done = element('span');
    done.style.width = `${Math.round(phase.share * 100)}%`;
    const bar = element('div', {
      class: 'progress-bar',
      attributes: {
        role: 'progressbar',
        'aria-label': phase.message,
        'aria-valuenow': String(Math.round(phase.share * 100)),
      },
      children: [done],
    });
    return [bar, text, cancel];
  }

  private failed(phase: { message: string; action: { label: string; command: string } | null }): Node[] {
    const { action } = phase;
    const parts: Node[] = [element('p', { class: 'failure', text: phase.message })];
    if (action) parts.push(this.commandButton(action.label, action.command));
    return parts;
  }

  private empty({ strings }: PanelState, summary: RunSummary): Node[] {
    if (!summary.isImported) {
      const again = this.commandButton(strings.profileWithSampling, commands.profileFile);
      return [element('p', { text: strings.noSamples }), again];
    }
    const another = this.commandButton(strings.openAnother, commands.openProfile);
    return [element('p', { text: strings.noSamplesInFile }), ...noteLists(summary, strings), another];
  }

  private commandButton(label: string, command: string): HTMLElement {
    const run = (): void => this.controller.host.runCommand(command);
    return button({ content: label, appearance: 'primary', onClick: run });
  }
}

/** True when there is a run but nothing to draw or list. */
export function hasNoSamples(state: PanelState): boolean {
  const { summary } = state;
  return summary !== null && summary.sampleCount === 0 && !summary.hasCalls;
}
