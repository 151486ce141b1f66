import type { PanelController } from '../controller';
import { element, setText } from '../elements';
import type { PanelState } from '../state';
import { icon } from '../ui/icons';
import { button, setPressed } from '../ui/toolkit';

/** Beside the run's name while it is being recorded: says so, holds the picture still, and ends the recording. */
export class LiveControls {
  readonly element: HTMLElement;
  private readonly text = element('span', { class: 'live-text' });
  private readonly pause: HTMLElement;

  constructor(controller: PanelController) {
    const { strings } = controller.state;
    this.pause = button({
      content: icon('pause'),
      label: strings.pauseLive,
      title: strings.pauseLive,
      appearance: 'icon',
      onClick: () => controller.host.toggleLive(),
    });
    const stop = button({
      content: icon('stop'),
      label: strings.stopRecording,
      title: strings.stopRecording,
      appearance: 'icon',
      onClick: () => controller.host.stopRecording(),
    });
    const dot = element('span', { class: 'live-dot', attributes: { 'aria-hidden': 'true' } });
    this.element = element('div', {
      class: 'live',
      attributes: { role: 'status' },
      children: [dot, this.text, this.pause, stop],
    });
    controller.store.subscribe((state, previous) => {
      if (state.live !== previous.live) this.show(state);
    });
    this.show(controller.state);
  }

  private show({ live, strings }: PanelState): void {
    const isPaused = live === 'paused';
    this.element.hidden = live === 'ended';
    this.element.classList.toggle('is-paused', isPaused);
    setText(this.text, isPaused ? strings.livePaused : strings.live);
    setPressed(this.pause, isPaused);
    const action = isPaused ? strings.resumeLive : strings.pauseLive;
    this.pause.title = action;
    this.pause.setAttribute('aria-label', action);
  }
}
