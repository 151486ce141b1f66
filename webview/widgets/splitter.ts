import type { PanelController } from '../controller';
import { element } from '../elements';
import { initialState } from '../state';

/** The bar between flame graph and tables: dragged, or moved with the arrow keys, Home and End. */
export function makeSplitter(controller: PanelController, body: HTMLElement): HTMLElement {
  const bar = element('div', {
    class: 'splitter',
    attributes: { role: 'separator', tabindex: '0', 'aria-valuemin': '20', 'aria-valuemax': '85' },
  });
  const isStacked = (): boolean => body.classList.contains('is-stacked');
  bar.addEventListener('pointerdown', event => {
    if (event.button === 0) bar.setPointerCapture(event.pointerId);
  });
  bar.addEventListener('pointermove', event => {
    if (!bar.hasPointerCapture(event.pointerId)) return;
    const bounds = body.getBoundingClientRect();
    const share = isStacked()
      ? (event.clientY - bounds.top) / bounds.height
      : (event.clientX - bounds.left) / bounds.width;
    controller.setSplit(share);
  });
  bar.addEventListener('keydown', event => {
    const steps: Readonly<Record<string, number>> = {
      ArrowLeft: -0.04,
      ArrowUp: -0.04,
      ArrowRight: 0.04,
      ArrowDown: 0.04,
      Home: -1,
      End: 1,
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    controller.setSplit(controller.state.split + step);
  });
  const show = (): void => {
    const { split, strings } = controller.state;
    body.style.setProperty('--split', String(split));
    body.classList.toggle('has-own-split', split !== initialState.split);
    bar.setAttribute('aria-label', strings.splitter);
    bar.setAttribute('aria-valuenow', String(Math.round(split * 100)));
    bar.setAttribute('aria-orientation', isStacked() ? 'horizontal' : 'vertical');
  };
  controller.store.subscribe((state, previous) => {
    if (state.split !== previous.split) show();
  });
  show();
  return bar;
}
