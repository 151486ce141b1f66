import type { PanelController } from './controller';

/**
 * Keys that work wherever the focus is in the panel, unless a text field or a dialog has it. A dialog's keys go on to the
 * workbench, which has commands for them.
 */
export function listenForKeys(
  controller: PanelController,
  on: { focusFilter(): void; showKeys(): void },
): void {
  document.addEventListener('keydown', event => {
    if (event.defaultPrevented || event.altKey || isInDialog(event)) return;
    if (isHandled(controller, event, on)) event.preventDefault();
  });
}

function isHandled(
  controller: PanelController,
  event: KeyboardEvent,
  on: { focusFilter(): void; showKeys(): void },
): boolean {
  const isWithModifier = event.ctrlKey || event.metaKey;
  const isFind = isWithModifier && event.key.toLowerCase() === 'f';
  if (event.key === 'Escape') return controller.unwind();
  if (isFind || (!isWithModifier && event.key === '/' && !isTyping(event))) {
    on.focusFilter();
    return true;
  }
  if (isWithModifier || isTyping(event)) return false;
  if (event.key === '?') on.showKeys();
  else if (event.key === '1') controller.setOrder('leftHeavy');
  else if (event.key === '2') controller.setOrder('timeOrder');
  else return false;
  return true;
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
