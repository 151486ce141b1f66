/** Lines, functions, callers, tables and both flame graphs tell one truth, for any recording. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { flameLayout } from '../../../../src/server/analyze/flameLayout';
import { functionTree } from '../../../../src/server/analyze/functionTree';
import { Measurement } from '../../../../src/server/analyze/measurement';
import { neighbours } from '../../../../src/server/analyze/neighbours';
import { wholeRun } from '../../../../src/server/analyze/selection';
import type { Profile } from '../../../../src/shared/profile';
import { boxFlag } from '../../../../src/shared/views';
import {
  fileOf,
  intervals,
  profileOf,
  type RandomFrame,
  type RandomRun,
  randomRun,
  truthOf,
} from '../../../helpers/randomRuns';
import { wholeFlame } from '../../../helpers/wholeQueries';

const runs = Number(process.env['PYROLENS_PROPERTY_RUNS'] ?? 300);

function holds(name: string, check: (run: RandomRun, profile: Profile) => void): void {
  test(name, async () => {
    const property = fc.asyncProperty(randomRun, async run => check(run, await profileOf(run)));
    await fc.assert(property, { numRuns: runs });
  });
}

function numbersOf(times: {
  totalNs: Float64Array;
  waitNs: Float64Array;
  cpuNs: Float64Array;
  sampleCount: Int32Array;
}) {
  return (item: number) => ({
    totalNs: times.totalNs[item] ?? 0,
    waitNs: times.waitNs[item] ?? 0,
    cpuNs: times.cpuNs[item] ?? 0,
    sampleCount: times.sampleCount[item] ?? 0,
  });
}

function nameOf(profile: Profile, func: number): string {
  return profile.strings[profile.functions.name[func] ?? 0] ?? '';
}

holds('a function counts each moment once, whatever its recursion and its threads', (run, profile) => {
  const { total, self } = new Measurement(profile, wholeRun).functions();
  for (let func = 0; func < profile.functions.length; func++) {
    const belongs = (frame: RandomFrame) => `f${frame.func}` === nameOf(profile, func);
    assert.deepEqual(numbersOf(total)(func), truthOf(run, belongs));
    assert.deepEqual(numbersOf(self)(func), truthOf(run, belongs, true));
  }
});

holds('a line counts each moment once, though several of its frames are on a stack', (run, profile) => {
  const { items, total, self } = new Measurement(profile, wholeRun).lines;
  for (let item = 0; item < items.length; item++) {
    const [file, line] = [profile.strings[items.file[item] ?? 0], items.line[item]];
    const belongs = (frame: RandomFrame) => fileOf(frame.func) === file && frame.line === line;
    assert.deepEqual(numbersOf(total)(item), truthOf(run, belongs));
    assert.deepEqual(numbersOf(self)(item), truthOf(run, belongs, true));
  }
});

holds('a selected stretch of time measures as if only it had been recorded', (run, profile) => {
  const { durationNs } = profile.info;
  const [rangeStartNs, rangeEndNs] = [Math.floor(durationNs / 4), Math.ceil(durationNs / 2)];
  if (rangeEndNs <= rangeStartNs) return;
  const { total } = new Measurement(profile, { ...wholeRun, rangeStartNs, rangeEndNs }).functions();
  const cut = run.map(lane => ({
    ...lane,
    samples: intervals(lane).flatMap(({ startNs, endNs, sample }) => {
      const [from, to] = [Math.max(startNs, rangeStartNs), Math.min(endNs, rangeEndNs)];
      return to > from ? [{ ...sample, gapNs: 0, weightNs: to - from, from }] : [];
    }),
  }));
  for (let func = 0; func < profile.functions.length; func++) {
    const hits = cut.flatMap(lane =>
      lane.samples.filter(({ stack }) => stack.some(frame => `f${frame.func}` === nameOf(profile, func))),
    );
    const edges = new Set<number>();
    for (const { from, weightNs } of hits) for (let ns = from; ns < from + weightNs; ns++) edges.add(ns);
    assert.equal(total.totalNs[func], edges.size);
  }
});

holds('no total is more than the whole, and self times of a lane add up to it', (run, profile) => {
  const whole = new Measurement(profile, wholeRun);
  for (const times of [whole.functions(), whole.lines]) {
    times.total.totalNs.forEach((ns, item) => {
      assert.ok(ns <= whole.scaleNs);
      assert.ok((times.self.totalNs[item] ?? 0) <= ns);
      assert.ok((times.total.waitNs[item] ?? 0) <= ns);
    });
  }
  profile.lanes.forEach((lane, index) => {
    const { self } = new Measurement(profile, { ...wholeRun, lane: index }).functions();
    const drawn = run[Number(lane.name.split(' ')[1])];
    const framedNs = (drawn ? intervals(drawn) : [])
      .filter(({ sample }) => sample.stack.length > 0)
      .reduce((sum, { startNs, endNs }) => sum + endNs - startNs, 0);
    assert.equal(
      self.totalNs.reduce((sum, ns) => sum + ns, 0),
      framedNs,
    );
  });
});

for (const order of ['leftHeavy', 'timeOrder'] as const) {
  holds(`boxes of the ${order} flame graph add up to the functions of a lane`, (_run, profile) => {
    profile.lanes.forEach((_, lane) => {
      const { boxes } = flameLayout(profile, { ...wholeFlame, order, lane });
      const { total, self } = new Measurement(profile, { ...wholeRun, lane }).functions();
      const totalNs = new Float64Array(profile.functions.length);
      const selfNs = new Float64Array(profile.functions.length);
      for (let box = 0; box < boxes.length; box++) {
        const func = boxes.func[box] ?? -1;
        if (func < 0) continue;
        selfNs[func] = (selfNs[func] ?? 0) + (boxes.selfNs[box] ?? 0);
        if (isBelowItself(boxes, box)) continue;
        totalNs[func] = (totalNs[func] ?? 0) + (boxes.endNs[box] ?? 0) - (boxes.startNs[box] ?? 0);
      }
      assert.deepEqual([...totalNs], [...total.totalNs]);
      assert.deepEqual([...selfNs], [...self.totalNs]);
    });
  });

  holds(
    `boxes of the ${order} flame graph lie within their parents and beside their siblings`,
    (_run, profile) => {
      for (const [lane, ownCodeOnly, minWidthNs] of [
        [-1, false, 0],
        [-1, true, 12],
        [-2, false, 0],
      ] as const) {
        const { boxes } = flameLayout(profile, { ...wholeFlame, order, lane, ownCodeOnly, minWidthNs });
        for (let box = 0; box < boxes.length; box++) {
          const parent = boxes.parent[box] ?? -1;
          const [startNs, endNs] = [boxes.startNs[box] ?? 0, boxes.endNs[box] ?? 0];
          if (((boxes.flags[box] ?? 0) & boxFlag.hidden) === 0 && parent >= 0)
            assert.ok(endNs - startNs >= minWidthNs);
          if (parent < 0) continue;
          assert.equal(boxes.row[box], (boxes.row[parent] ?? 0) + 1);
          assert.ok(startNs >= (boxes.startNs[parent] ?? 0) && endNs <= (boxes.endNs[parent] ?? 0));
          if (boxes.row[box] === boxes.row[box - 1]) assert.ok(startNs >= (boxes.endNs[box - 1] ?? 0));
        }
      }
    },
  );
}

holds(
  'narrow boxes are merged, never lost: each row of a left-heavy lane keeps its width',
  (_run, profile) => {
    const widths = (minWidthNs: number) => {
      const { boxes } = flameLayout(profile, { ...wholeFlame, lane: 0, minWidthNs });
      const byRow = new Map<number, number>();
      for (let box = 0; box < boxes.length; box++) {
        const row = boxes.row[box] ?? 0;
        byRow.set(row, (byRow.get(row) ?? 0) + (boxes.endNs[box] ?? 0) - (boxes.startNs[box] ?? 0));
      }
      return byRow;
    };
    const full = widths(0);
    const merged = widths(15);
    assert.equal(merged.get(1), full.get(1));
  },
);

holds('own code only folds foreign frames without losing time', (_run, profile) => {
  const tree = functionTree(profile, true);
  const times = new Measurement(profile, { ...wholeRun, lane: 0 });
  const all = times.functions(true);
  const { boxes } = flameLayout(profile, { ...wholeFlame, lane: 0, ownCodeOnly: true });
  const selfNs = boxes.selfNs.reduce((sum, ns) => sum + ns, 0);
  const laneNs = (boxes.endNs[0] ?? 0) - (boxes.startNs[0] ?? 0);
  assert.equal(selfNs, laneNs);
  for (const func of tree.func) assert.equal(fileOf(Number(nameOf(profile, func).slice(1))), '/work/app.py');
  assert.ok(all.total.totalNs.every((ns, func) => ns >= (all.self.totalNs[func] ?? 0)));
});

holds('callers and callees are never more than the function itself', (_run, profile) => {
  const measured = new Measurement(profile, wholeRun);
  const { total } = measured.functions();
  for (let func = 0; func < profile.functions.length; func++) {
    const found = neighbours(profile, func, { subset: measured.subset, times: measured.times });
    for (const caller of found.callers) {
      assert.ok(caller.totalNs <= (total.totalNs[func] ?? 0));
      assert.ok(caller.totalNs <= (total.totalNs[caller.func] ?? 0));
    }
    for (const callee of found.callees) assert.ok(callee.totalNs <= (total.totalNs[callee.func] ?? 0));
  }
});

holds('narrowing to a frame makes that frame 100 % and nothing more', (_run, profile) => {
  const tree = functionTree(profile);
  for (let node = 0; node < tree.length; node++) {
    const path: number[] = [];
    for (let at = node; at >= 0; at = tree.parent[at] ?? -1) path.unshift(tree.func[at] ?? 0);
    const narrowed = new Measurement(profile, { ...wholeRun, path });
    const { total } = narrowed.functions();
    assert.equal(total.totalNs[tree.func[node] ?? 0], narrowed.scaleNs);
    assert.ok(total.totalNs.every(ns => ns <= narrowed.scaleNs));
    assert.ok(narrowed.lines.total.totalNs.every(ns => ns <= narrowed.scaleNs));
  }
});

function isBelowItself(boxes: ReturnType<typeof flameLayout>['boxes'], box: number): boolean {
  for (let up = boxes.parent[box] ?? -1; up >= 0; up = boxes.parent[up] ?? -1) {
    if (boxes.func[up] === boxes.func[box]) return true;
  }
  return false;
}
