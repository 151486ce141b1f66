import { formatDuration } from '../../shared/formatting';
import { inert } from '../../shared/inertText';
import type { SystemView } from '../../shared/views';
import type { CountedCall } from '../analyze/systems/countedCalls';
import type { HotCall } from '../analyze/systems/hotCall';
import type { Payload } from '../analyze/systems/payloads';
import { areManySmall, isMoveCostly, remediesOf } from '../analyze/systems/remedies';
import type { OpenRun } from '../loadedRun';
import { gapPlace } from './gapsView';
import { type RunSystems, systemsOf } from './systemsOf';
import { systemView } from './systemTexts';

const maxRows = 6;
const none: RunSystems = { calls: [], payloads: [], counted: [] };

/** One line that waited for the system, or moved data between processes. */
interface SystemRow {
  readonly frame: number;
  /** What ranks it. */
  readonly ns: number;
  readonly systems: RunSystems;
}

/** The lines that waited for the system, with what was seen and what helps, as far as that was not `advised` before. */
export function systemRows(open: OpenRun, advised: ReadonlySet<string>): string[] {
  return rowsOf(open).flatMap(({ frame, ns, systems }) => {
    const view = systemView(systems);
    const place = gapPlace(open, frame);
    if (view === null || place === null) return [];
    const head = `${formatDuration(ns).padStart(8)}  ${place.place}  ${place.text.slice(0, 60)}`.trimEnd();
    const fixes = view.fixes.filter(fix => !advised.has(fix));
    return [head, ...[...view.facts, ...fixes].map(text => `          ${text}`)];
  });
}

/** The same as data: times in nanoseconds, null unknown. */
export function systemObjects(open: OpenRun): object[] {
  const { strings } = open.run.profile;
  return rowsOf(open).flatMap(({ frame, systems }) => {
    const view: SystemView | null = systemView(systems);
    const place = gapPlace(open, frame);
    if (view === null || place === null) return [];
    const at = { file: strings[place.file] ?? '', line: place.line, text: place.text };
    return [
      ...systems.calls.map(callObject),
      ...systems.payloads.map(payloadObject),
      ...systems.counted.map(countObject),
    ].map(facts => ({
      ...at,
      ...facts,
      facts: view.facts,
      fixes: view.fixes,
    }));
  });
}

function rowsOf(open: OpenRun): SystemRow[] {
  const { calls, payloads, counted } = systemsOf(open);
  const rows = [
    ...calls.map(call => ({ frame: call.frame, ns: call.waitedNs, systems: { ...none, calls: [call] } })),
    ...payloads
      .filter(isMoveCostly)
      .map(job => ({ frame: job.frame, ns: job.moveNs, systems: { ...none, payloads: [job] } })),
    ...counted
      .filter(areManySmall)
      .map(call => ({ frame: call.frame, ns: call.totalNs, systems: { ...none, counted: [call] } })),
  ];
  return rows.sort((a, b) => b.ns - a.ns).slice(0, maxRows);
}

function callObject(call: HotCall): object {
  const { queue, frame: _frame, names, ...numbers } = call;
  const known = Object.entries(numbers).map(([name, value]) => [name, Number.isNaN(value) ? null : value]);
  return {
    ...Object.fromEntries(known),
    names: names.map(inert),
    remedies: remediesOf(call),
    queue: queue
      ? { ...queue, unsentBytes: Number.isNaN(queue.unsentBytes) ? null : queue.unsentBytes }
      : null,
  };
}

function payloadObject({ frame: _frame, ...numbers }: Payload): object {
  return { ...numbers, remedies: ['move'] };
}

function countObject({ frame: _frame, ...numbers }: CountedCall): object {
  return { ...numbers, remedies: ['small'] };
}
