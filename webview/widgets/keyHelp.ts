import type { PanelController } from '../controller';
import { element } from '../elements';
import { button } from '../ui/toolkit';

/** The list of keys: a modal dialog, so that the focus stays in it and Escape closes it. */
export class KeyHelp {
  readonly element = element('dialog', { class: 'panel-dialog' });

  constructor(private readonly controller: PanelController) {}

  /** Opens the list; closing it puts the focus back where it was. */
  open(): void {
    const { strings } = this.controller.state;
    const title = element('h2', { text: strings.keys, attributes: { id: 'key-help-title' } });
    const rows = strings.keysText.split(' · ').map(line => element('li', { text: line }));
    const close = button({ content: strings.close, onClick: () => this.element.close() });
    this.element.setAttribute('aria-labelledby', 'key-help-title');
    this.element.replaceChildren(title, element('ul', { children: rows }), close);
    if (!this.element.open) this.element.showModal();
  }
}
