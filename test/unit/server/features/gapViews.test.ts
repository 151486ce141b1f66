import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { before, describe, it } from 'node:test';
import { gapsView } from '../../../../src/server/features/gapsView';
import { lineGap } from '../../../../src/server/features/lineGaps';
import { textReportOf } from '../../../../src/server/features/textReport';
import { timelineView } from '../../../../src/server/features/timelineView';
import { topGaps } from '../../../../src/server/features/topGaps';
import { OpenRun } from '../../../../src/server/loadedRun';
import { loadRun } from '../../../../src/server/runFolder';
import { Slicer } from '../../../../src/server/slicer';
import { WorkspaceFiles } from '../../../../src/server/workspaceFiles';
import { gapClasses, gapFamilies } from '../../../../src/shared/gaps';
import { type TimelineView, timelineLaneKinds } from '../../../../src/shared/views';

const folder = resolve('test/fixtures/gaps/lock_with_holder');

describe('the views of gaps, of a recording in which one thread holds a lock for another', () => {
  let open: OpenRun;

  before(async () => {
    const loaded = await loadRun(folder, { slicer: new Slicer(), ownRoots: ['/tmp/gap-programs'] });
    open = await OpenRun.open(loaded, { workspaceFolders: [], mappings: [] }, new WorkspaceFiles());
  });

  it('explain the lock: who waited where, who held it where, how often, and what helps', () => {
    const [lock] = gapsView(open).groups;
    assert.equal(lock?.title, 'Waiting for a lock');
    assert.equal(lock.victim?.text, 'with lock:  # victim');
    assert.match(lock.holder?.text ?? '', /# holder/);
    assert.notEqual(lock.holderLane, '');
    assert.match(lock.sentence, new RegExp(`${lock.count} times, .* ${lock.holderLane} seems to have had it meanwhile`));
    assert.match(lock.fix, /Move slow work out of the lock/);
  });

  it('give each listed gap the family, the time and the delay of its group', () => {
    const { gaps, groups } = gapsView(open);
    assert.ok(groups.length > 0);
    groups.forEach((group, index) => {
      const members = [...gaps.group.keys()].filter(at => gaps.group[at] === index);
      const lengths = members.map(at => (gaps.endNs[at] ?? 0) - (gaps.startNs[at] ?? 0));
      assert.equal(members.length, group.count);
      assert.ok(Math.abs(lengths.reduce((sum, ns) => sum + ns, 0) - group.totalNs) < 1e3);
      assert.equal(Math.max(...lengths), group.longestNs);
      for (const at of members) assert.equal(gapFamilies[gaps.family[at] ?? -1], group.family);
    });
    assert.ok(Object.values(gapClasses).includes(groups[0]?.family as 'sync'));
    assert.deepEqual(
      [...gaps.startNs],
      [...gaps.startNs].sort((a, b) => a - b),
    );
  });

  it('are named in the list of runs as in their own, and no more than were asked for', () => {
    const { groups } = gapsView(open);
    const [first, ...others] = topGaps(open, 1);
    assert.deepEqual(others, []);
    assert.deepEqual(first, {
      title: groups[0]?.title,
      place: groups[0]?.victim?.place,
      delayNs: groups[0]?.delayNs,
      totalNs: groups[0]?.totalNs,
      count: groups[0]?.count,
    });
  });

  it('stand on the line to blame and in the report', () => {
    const victim = gapsView(open).groups[0]?.victim;
    assert.ok(victim);
    const gap = lineGap(open, victim.file, victim.line);
    assert.equal(gap?.title, 'Waiting for a lock');
    assert.equal(lineGap(open, victim.file, victim.line + 1)?.title === gap.title, false);
    assert.match(
      textReportOf(open),
      /Gaps .*\n +[\d.]+ m?s {2}Waiting for a lock {2}.*\.py:\d+ {2}×\d+ at most/,
    );
  });

  const timelineOf = (minWidthNs: number, rangeEndNs = 0): TimelineView =>
    timelineView(open, { kind: 'timeline', rangeStartNs: 0, rangeEndNs, minWidthNs });

  it('show every thread as a row, the main thread first, filled from its first sample to its last', () => {
    const { rows, slices, totalNs } = timelineOf(0);
    const { lanes } = open.run.profile;
    assert.equal(rows.length, lanes.filter(lane => lane.sampleCount > 0).length);
    assert.equal(lanes[rows.lane[0] ?? -1]?.isMain, true);
    assert.ok([...rows.laneKind].every(kind => timelineLaneKinds[kind] === 'thread'));
    let filledNs = 0;
    for (let at = 0; at < slices.length; at++) {
      if (slices.row[at] !== 0) continue;
      filledNs += (slices.endNs[at] ?? 0) - (slices.startNs[at] ?? 0);
    }
    assert.ok(filledNs > totalNs * 0.9 && filledNs <= totalNs * 1.001, `${filledNs} of ${totalNs}`);
  });

  it('have fewer slices from afar, none out of the part in view, and never two at one place', () => {
    const [near, far] = [timelineOf(0), timelineOf(1e8)];
    assert.ok(far.slices.length < near.slices.length);
    const part = timelineOf(0, near.totalNs / 4);
    assert.ok(part.slices.length < near.slices.length);
    assert.ok([...part.slices.startNs].every(ns => ns < near.totalNs / 4));
    for (const { slices } of [near, far]) {
      for (let at = 1; at < slices.length; at++) {
        if (slices.row[at] !== slices.row[at - 1]) continue;
        assert.ok((slices.startNs[at] ?? 0) >= (slices.endNs[at - 1] ?? 0) - 1);
      }
    }
  });

  it('count the cores in use: their sum over time is the CPU time of all threads', () => {
    const { cpuCores, totalNs } = timelineOf(0);
    const { samples, lanes } = open.run.profile;
    const ofThreads = lanes.flatMap(({ kind, firstSample, sampleCount }) =>
      kind === 'thread' ? [...samples.cpuNs.subarray(firstSample, firstSample + sampleCount)] : [],
    );
    const cpuNs = ofThreads.filter(ns => ns > 0).reduce((sum, ns) => sum + ns, 0);
    const shownNs = cpuCores.reduce((sum, cores) => sum + (cores * totalNs) / cpuCores.length, 0);
    assert.ok(Math.abs(shownNs - cpuNs) < cpuNs * 0.02, `${shownNs} of ${cpuNs}`);
  });
});
