import type { PanelController } from './controller';

/** What keys do outside of the controller. */
export interface KeyTargets {
  focusFilter(): void;
  showKeys(): void;
  stepGap(direction: 1 | -1): void;
}

/**
 * Keys that work wherever the focus is in the panel, unless a text field or a dialog has it. A dialog's keys go on to the
 * workbench, which has commands for them.
 */
export function listenForKeys(controller: PanelController, on: KeyTargets): void {
  document.addEventListener('keydown', event => {
    if (event.defaultPrevented || event.altKey || isInDialog(event)) return;
    if (isHandled(controller, event, on)) event.preventDefault();
  });
}

/** Does what a key does for whoever has the focus; for the flame graph when that is nobody, or a text field. */
export function pressKey(key: string): void {
  const focused = document.activeElement;
  const isFree = !focused || focused === document.body || focused.matches('input');
  const target = isFree ? (document.querySelector('.flame-boxes') ?? document.body) : focused;
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
}

function isHandled(controller: PanelController, event: KeyboardEvent, on: KeyTargets): boolean {
  const isWithModifier = event.ctrlKey || event.metaKey;
  const isFind = isWithModifier && event.key.toLowerCase() === 'f';
  if (event.key === 'Escape') return controller.unwind();
  if (isFind || (!isWithModifier && event.key === '/' && !isTyping(event))) {
    on.focusFilter();
    return true;
  }
  if (isWithModifier || isTyping(event)) return false;
  const actions: Readonly<Record<string, () => void>> = {
    '?': () => on.showKeys(),
    '1': () => controller.setOrder('leftHeavy'),
    '2': () => controller.setOrder('timeOrder'),
    t: () => controller.toggleTimeline(),
    '.': () => on.stepGap(1),
    ',': () => on.stepGap(-1),
  };
  actions[event.key]?.();
  return actions[event.key] !== undefined;
}

function isInDialog(event: KeyboardEvent): boolean {
  return event.composedPath().some(target => target instanceof HTMLDialogElement);
}

/** The field is inside a control's shadow, so the event's real target is the first of its path. */
function isTyping(event: KeyboardEvent): boolean {
  return event.composedPath()[0] instanceof HTMLInputElement && !isCheckbox(event);
}

function isCheckbox(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0];
  return target instanceof HTMLInputElement && target.type === 'checkbox';
}
