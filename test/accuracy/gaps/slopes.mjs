/**
 * Causality: a cause that is made longer by a known time, with all else as it was, must make what is reported of it longer
 * by as much, and what its victim felt too. A report that names the wrong line, or shares time out by a fixed rule, does not.
 */
import { basename } from 'node:path';

const extrasMs = [0, 10, 20, 40];
const goal = [0.9, 1.1];
const seed = '20261128';

/** Each with the class whose gaps grow, and where its cause is marked: at the victim's line, or the holder's. */
const programs = [
  ['lock_with_holder', 'sync.lock', 'holder'],
  ['lock_with_timeout', 'sync.lock', 'holder'],
  ['event_after_work', 'sync.signal', 'holder'],
  ['empty_queue', 'sync.queue.empty', 'holder'],
  ['full_queue', 'sync.queue.full', 'holder'],
  ['full_pipe', 'ipc.pipe.write', 'holder'],
  ['loop_blocks', 'loop.blocked(timer.sleep)', 'victim'],
  ['loop_computes', 'loop.blocked(run.python)', 'victim'],
];

/** Two figures for each program on an interpreter: how what was reported grew, and how what was felt did. */
export async function slopeFigures(interpreter, record) {
  const figures = [];
  for (const program of programs) figures.push(...(await figuresOfProgram(interpreter, record, program)));
  return figures;
}

async function figuresOfProgram(interpreter, record, [name, classId, side]) {
  const id = `${name} on ${interpreter.version}`;
  try {
    const runs = [];
    for (const extraMs of extrasMs) {
      const run = await record(interpreter, name, { id: `slope ${id} ${extraMs}`, seed, extraMs });
      runs.push({ extraMs, ...millisecondsOf(run, classId, side) });
    }
    return [
      slopeFigure(
        `slope ${id}: reported`,
        runs.map(({ extraMs, reportedMs }) => [extraMs, reportedMs]),
      ),
      slopeFigure(
        `slope ${id}: felt`,
        runs.map(({ extraMs, feltMs }) => [extraMs, feltMs]),
      ),
    ];
  } catch (error) {
    console.log(`slope ${id} failed: ${error.message}`);
    return [{ id: `slope ${id}: reported`, value: null, unit: 'ratio', goal, ok: false }];
  }
}

/** For each time the cause was there: what was reported with its line to blame, and what the program itself felt. */
function millisecondsOf({ truthRows, gaps }, classId, side) {
  const rows = truthRows.filter(row => row.class === classId && grows(row));
  const lines = new Set(rows.flatMap(row => row[`${side}Lines`]));
  const isBlamed = ({ classId: reported, [side]: place }) =>
    reported === classId &&
    place !== null &&
    lines.has(place.line) &&
    basename(place.file) === basename(rows[0].file);
  const feltNs = rows.map(({ startNs, endNs }) => endNs - startNs);
  const reportedNs = rows.flatMap(row => gaps.filter(isBlamed).map(gap => overlapNs(gap, row)));
  return { feltMs: sum(feltNs) / rows.length / 1e6, reportedMs: sum(reportedNs) / rows.length / 1e6 };
}

/** A program may leave some of its causes as they are, and says so. */
function grows({ grows: answer }) {
  return answer !== 'no';
}

function overlapNs(a, b) {
  return Math.max(0, Math.min(a.endNs, b.endNs) - Math.max(a.startNs, b.startNs));
}

function slopeFigure(id, points) {
  const slope = Math.round(slopeOf(points) * 1000) / 1000;
  const isOk = slope >= goal[0] && slope <= goal[1];
  return { id, value: Number.isNaN(slope) ? null : slope, unit: 'ratio', goal, ok: isOk };
}

/** Of the line with the least squares. */
export function slopeOf(points) {
  const meanX = sum(points.map(([x]) => x)) / points.length;
  const meanY = sum(points.map(([, y]) => y)) / points.length;
  const up = sum(points.map(([x, y]) => (x - meanX) * (y - meanY)));
  return up / sum(points.map(([x]) => (x - meanX) ** 2));
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
