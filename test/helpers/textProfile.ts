/**
 * Profiles drawn as text, built by the real builder. Rows are depths, root first; columns are samples:
 *
 *     const profile = await textProfile(`
 *       time  10  10        20
 *       state run wait      run
 *       main  main          main
 *       work  work[line:7]  -
 *     `);
 *
 * The rows `time` (milliseconds each sample stands for, default 1), `cpu` (milliseconds, `?` unknown) and `state`
 * (`run`, `wait`, `susp`), `reason` (an id of `waitReasons`) come first and may be left out. `-` is no frame, `gap` in the first frame row a stretch
 * without a sample. A frame is a function name with attributes: `line`, `endLine`, `column`, `endColumn`, `file`,
 * `first` (first line). A line `lane NAME`, or `task NAME` for a task of the last thread, begins a lane.
 */

import { ProfileBuilder } from '../../src/server/parse/model/profileBuilder';
import { profileInfo } from '../../src/server/parse/model/profileInfo';
import { Slicer } from '../../src/server/slicer';
import type { Profile } from '../../src/shared/profile';
import { sampleState, type WaitReason, waitReasons } from '../../src/shared/profile';

/** What is true of the drawn profile as a whole. */
export interface TextProfileOptions {
  readonly hasCpu?: boolean;
  readonly durationMs?: number;
}

const unitNs = 1e6;
const defaultFile = '/work/app.py';

/** The profile that a drawing shows. */
export async function textProfile(drawing: string, options: TextProfileOptions = {}): Promise<Profile> {
  const builder = new ProfileBuilder({ ownRoots: ['/work'] });
  let endNs = 0;
  let thread = -1;
  for (const { kind, name, rows } of lanesOf(drawing)) {
    const isMain = thread < 0;
    const lane = builder.lane({ kind, parent: kind === 'task' ? thread : -1, pid: 1, tid: 1, name, isMain });
    if (kind === 'thread') thread = lane;
    endNs = Math.max(endNs, addLane(builder, lane, rows));
  }
  const durationNs = options.durationMs === undefined ? endNs : options.durationMs * unitNs;
  return builder.finish({ info: infoOf(durationNs, options.hasCpu ?? true), endNs }, new Slicer());
}

/** The `ProfileInfo` of a profile made in a test. */
export function infoOf(durationNs: number, hasCpu: boolean): Profile['info'] {
  return profileInfo({
    format: 'Pyrolens',
    engine: 'bundled-sampler',
    engineVersion: '1',
    startNs: 0,
    startEpochNs: 0,
    durationNs,
    hasTimeAxis: true,
    lineMeaning: 'executing',
    hasColumns: true,
    hasCpu,
    rateHzAsked: 100,
    rateHzReached: 100,
    python: '3.12.1',
    samplerCpuNs: 0,
  });
}

interface DrawnLane {
  readonly kind: 'thread' | 'task';
  readonly name: string;
  readonly rows: string[][];
}

function lanesOf(drawing: string): DrawnLane[] {
  const lanes: DrawnLane[] = [];
  for (const line of drawing.split('\n')) {
    const cells = line.trim().split(/\s+/);
    const head = cells[0] ?? '';
    if (head === '') continue;
    if (head === 'lane' || head === 'task') {
      lanes.push({ kind: head === 'lane' ? 'thread' : 'task', name: cells.slice(1).join(' '), rows: [] });
      continue;
    }
    if (lanes.length === 0) lanes.push({ kind: 'thread', name: 'MainThread', rows: [] });
    lanes.at(-1)?.rows.push(cells);
  }
  return lanes;
}

function addLane(builder: ProfileBuilder, lane: number, rows: readonly string[][]): number {
  const attribute = (name: string) => rows.find(row => row[0] === name)?.slice(1);
  const [times, cpus, states] = [attribute('time'), attribute('cpu'), attribute('state')];
  const reasons = attribute('reason');
  const frames = rows.filter(row => !['time', 'cpu', 'state', 'reason'].includes(row[0] ?? ''));
  let endNs = 0;
  for (let column = 0; column < (frames[0]?.length ?? 0); column++) {
    const weightNs = Number(times?.[column] ?? 1) * unitNs;
    endNs += weightNs;
    if (frames[0]?.[column] === 'gap') continue;
    let node = -1;
    for (const row of frames) node = addFrame(builder, node, row[column] ?? '-');
    const cpu = cpus?.[column] ?? '?';
    const cpuNs = cpu === '?' ? Number.NaN : Number(cpu) * unitNs;
    const reason = Math.max(0, waitReasons.indexOf((reasons?.[column] ?? 'none') as WaitReason));
    const state = stateOf(states?.[column]);
    builder.sample({ lane, endNs, weightNs, node, cpuNs, state, task: -1, reason });
  }
  return endNs;
}

function stateOf(word: string | undefined): number {
  if (word === 'susp') return sampleState.waiting | sampleState.suspended;
  return word === 'wait' ? sampleState.waiting : 0;
}

function addFrame(builder: ProfileBuilder, parent: number, cell: string): number {
  if (cell === '-') return parent;
  const [, name = cell, attributes = ''] = /^([^[]+)(?:\[(.*)\])?$/.exec(cell) ?? [];
  const given = new Map(attributes.split(',').map(text => text.split(/:(.*)/s) as [string, string]));
  const number = (key: string, fallback: number) => Number(given.get(key) ?? fallback);
  const line = number('line', 1);
  const func = builder.func(name, given.get('file') ?? defaultFile, number('first', 1));
  const endLine = number('endLine', line);
  const place = { func, line, endLine, column: number('column', -1), endColumn: number('endColumn', -1) };
  return builder.node(parent, builder.frame(place));
}
