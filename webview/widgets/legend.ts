import type { PanelController } from '../controller';
import { element } from '../elements';
import { icon } from '../ui/icons';
import { button } from '../ui/toolkit';

/** What the colours mean, at the foot of the flame graph. */
export function makeLegend(controller: PanelController, openKeys: () => void): HTMLElement {
  const { strings } = controller.state;
  const entries = [
    ['own', strings.ownKind],
    ['package', strings.packageKind],
    ['stdlib', strings.stdlibKind],
    ['native', strings.nativeKind],
    ['wait', strings.waitingLegend],
  ] as const;
  const chips = entries.map(([kind, text]) =>
    element('span', {
      class: 'legend-entry',
      children: [element('i', { class: `chip bar-${kind}` }), document.createTextNode(text)],
    }),
  );
  const keys = button({
    content: icon('keyboard'),
    label: strings.keys,
    title: `${strings.keys} (?)`,
    appearance: 'icon',
    onClick: openKeys,
  });
  keys.classList.add('legend-keys');
  return element('footer', {
    class: 'legend',
    children: [...chips, element('span', { class: 'spring' }), keys],
  });
}
