import type { FromPanel } from './panelMessages';

type Message = Readonly<Record<string, unknown>>;

/** What must hold of each message beside its type; the server bounds the numbers in queries itself. */
const checks = new Map<FromPanel['type'], (message: Message) => boolean>([
  ['ready', ({ isRestored }) => typeof isRestored === 'boolean'],
  ['view', ({ id, query }) => Number.isInteger(id) && isQuery(query)],
  [
    'reveal',
    ({ file, line, takeFocus }) =>
      Number.isInteger(file) && Number.isInteger(line) && typeof takeFocus === 'boolean',
  ],
  ['select', ({ selection }) => selection === null || isSelection(selection)],
  ['cancel', () => true],
  ['valueType', ({ valueType }) => Number.isInteger(valueType)],
  ['command', ({ command }) => typeof command === 'string'],
]);

/** A message of the webview, or undefined for anything that is none: what other pages send ends here. */
export function readPanelMessage(value: unknown): FromPanel | undefined {
  if (!isRecord(value)) return undefined;
  const isSound = checks.get(value['type'] as FromPanel['type'])?.(value) ?? false;
  return isSound ? (value as unknown as FromPanel) : undefined;
}

function isQuery(value: unknown): boolean {
  if (!isRecord(value)) return false;
  if (value['kind'] === 'gaps') return true;
  if (value['kind'] === 'timeline') {
    return ['rangeStartNs', 'rangeEndNs', 'minWidthNs'].every(numberIn(value));
  }
  if (!isRange(value)) return false;
  if (value['kind'] === 'frame') {
    const { path } = value as { path?: unknown };
    return Number.isInteger(value['func']) && (path === undefined || isPath(path));
  }
  if (typeof value['ownCodeOnly'] !== 'boolean') return false;
  if (value['kind'] === 'functions') return isPath(value['path']);
  const isOrder = value['order'] === 'timeOrder' || value['order'] === 'leftHeavy';
  return (
    value['kind'] === 'flame' &&
    isOrder &&
    ['minWidthNs', 'windowStartNs', 'windowEndNs'].every(numberIn(value))
  );
}

function isSelection(value: unknown): boolean {
  if (!isRecord(value) || !isRange(value)) return false;
  return typeof value['runId'] === 'string' && typeof value['label'] === 'string' && isPath(value['path']);
}

function isRange(value: Message): boolean {
  return Number.isInteger(value['lane']) && ['rangeStartNs', 'rangeEndNs'].every(numberIn(value));
}

function numberIn(value: Message): (key: string) => boolean {
  return key => typeof value[key] === 'number';
}

function isPath(value: unknown): boolean {
  return Array.isArray(value) && value.every(item => Number.isInteger(item));
}

function isRecord(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
