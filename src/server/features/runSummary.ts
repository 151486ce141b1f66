import { type LaneSummary, maxProblems, type ProblemSummary, type RunSummary } from '../../shared/api';
import { engineFacts } from '../../shared/engines';
import { formatCount, formatDuration } from '../../shared/formatting';
import { inert } from '../../shared/inertText';
import type { Lane, Problem, Profile } from '../../shared/profile';
import { isSampled, samplesOfLane } from '../analyze/certainty';
import type { OpenRun } from '../loadedRun';
import type { LoadedRun } from '../runFolder';
import { say } from '../strings';

/** What front ends show of a run as a whole. */
export function runSummary(open: OpenRun): RunSummary {
  const { run } = open;
  const { manifest, profile } = run;
  const { info, gcPauses } = profile;
  const laneCpuNs = cpuByLane(profile);
  const lanes = profile.lanes.map((lane, index) =>
    laneSummary(profile, lane, { index, cpuNs: info.hasCpu ? (laneCpuNs[index] ?? 0) : null }),
  );
  return {
    runId: run.id,
    path: run.path,
    name: inert(manifest.name),
    engine: engineName(run),
    engineVersion: inert(info.engineVersion || manifest.engineVersion),
    python: inert(manifest.interpreter.version || info.python),
    startedAtMs: manifest.startedAtMs,
    durationNs: info.durationNs,
    readShare: run.readShare,
    sampleCount: lanes.reduce((sum, lane) => sum + lane.sampleCount, 0),
    isSampled: isSampled(profile),
    startsMidway: info.startsMidway,
    rateHzAsked: info.rateHzAsked || manifest.rateHzAsked,
    rateHzReached: info.rateHzReached,
    overheadShare: info.samplerCpuNs > 0 && info.durationNs > 0 ? info.samplerCpuNs / info.durationNs : null,
    exitText: exitText(run),
    commit: inert(manifest.git?.commit ?? ''),
    changedFileCount: manifest.git?.changedFileCount ?? 0,
    hasTimeAxis: info.hasTimeAxis,
    unit: info.unit,
    valueTypes: info.valueTypes.map(type => ({ ...type, name: inert(type.name) })),
    valueType: info.valueType,
    hasStacks: profile.nodes.length > 0,
    hasCpu: info.hasCpu,
    hasCalls: profile.calls !== undefined || profile.callCounts !== undefined,
    lanes,
    isImported: manifest.engine === 'imported',
    notes: runNotes(open),
    problems: run.problems.slice(0, maxProblems).map(problemSummary),
    problemCount: run.problems.length,
    gcPauseCount: gcPauses.length,
    gcPauseNs: gcPauses.durationNs.reduce((sum, ns) => sum + ns, 0),
    cpuNs: info.hasCpu ? laneCpuNs.reduce((sum, ns) => sum + ns, 0) : null,
  };
}

/** What people call the engine of a run, or the format of a foreign file. */
export function engineName({ manifest, profile }: LoadedRun): string {
  if (manifest.engine === 'imported') return inert(profile.info.format);
  if (manifest.engine === 'bundled-sampler') return say('engineSampler');
  return manifest.engine === 'observer' ? say('engineObserver') : engineFacts(manifest.engine).label;
}

function laneSummary(
  profile: Profile,
  lane: Lane,
  facts: { index: number; cpuNs: number | null },
): LaneSummary {
  const { kind, parent, pid, tid, name, isMain, startNs, endNs } = lane;
  const sampleCount = samplesOfLane(profile, lane);
  return { ...facts, kind, parent, pid, tid, name: inert(name), isMain, startNs, endNs, sampleCount };
}

function cpuByLane(profile: Profile): number[] {
  const { cpuNs } = profile.samples;
  return profile.lanes.map(({ firstSample, sampleCount }) => {
    let sum = 0;
    for (let i = firstSample; i < firstSample + sampleCount; i++) {
      const ns = cpuNs[i] ?? Number.NaN;
      if (!Number.isNaN(ns)) sum += ns;
    }
    return sum;
  });
}

function exitText({ manifest }: LoadedRun): string {
  if (manifest.exit?.signal) return say('exitSignal', inert(manifest.exit.signal));
  if (typeof manifest.exit?.code === 'number') return say('exitCode', manifest.exit.code);
  if (manifest.state === 'stopped') return say('stopped');
  if (manifest.state === 'recording')
    return say(isRecording(manifest.launcherPid) ? 'recording' : 'interrupted');
  return '';
}

function isRecording(launcherPid: number | undefined): boolean {
  if (launcherPid === undefined) return false;
  try {
    process.kill(launcherPid, 0);
    return true;
  } catch (error) {
    return (error as { code?: unknown }).code === 'EPERM';
  }
}

/** A gap between two looks at the program from which on it is worth a sentence. */
const longGapNs = 50e6;

function problemSummary({ message, part, offset }: Problem): ProblemSummary {
  return { message: inert(message), part: inert(part), offset };
}

/** What could not be read, each with its place: «… (part.chunks, byte 1,024)». */
export function problemTexts({ run }: OpenRun): string[] {
  return run.problems.map(problemSummary).map(({ message, part, offset }) => {
    if (offset < 0) return say('problemInPart', message, part);
    return say('problemAtByte', message, part, formatCount(offset));
  });
}

/** Sentences about what the format or the recording lacks and what is to be taken with care. */
export function runNotes(open: OpenRun): string[] {
  const { manifest, profile } = open.run;
  const isImported = manifest.engine === 'imported';
  const notes = [...profile.info.limits];
  if (manifest.replaced) {
    const { engine, reason } = manifest.replaced;
    notes.push(say('engineReplaced', engineFacts(engine).label, reason));
  }
  if (manifest.isUnderDebugger) notes.push(say('underDebugger'));
  if (profile.info.engine === 'cprofile') notes.push(say('distorted'));
  if (!profile.calls && profile.samples.length === 0)
    notes.push(say(isImported ? 'noSamplesInFile' : 'noSamples'));
  if (manifest.state === 'recording' && !isRecording(manifest.launcherPid)) notes.push(say('stillRecording'));
  const longestNs = longestWeightNs(profile);
  const asked = profile.info.rateHzAsked;
  // Other tools have gaps of their own making: they say nothing of these two.
  const gapNotes: Partial<Record<string, 'gilHeld' | 'processorsBusy'>> = {
    'bundled-sampler': 'gilHeld',
    observer: 'processorsBusy',
  };
  const gapNote = gapNotes[manifest.engine];
  if (gapNote !== undefined && asked > 0 && longestNs >= Math.max(longGapNs, 5e9 / asked))
    notes.push(say(gapNote, formatDuration(longestNs)));
  const isMisread = manifest.engine === 'austin' && manifest.interpreter.version.startsWith('3.12.');
  if (isMisread && !notes.some(note => note.startsWith('Austin misreads'))) {
    notes.push(say('austinLines'));
  }
  const changed = changedSources(open);
  if (changed.length > 0) notes.push(say('sourcesChanged', changed.join(', ')));
  return notes.map(inert);
}

/** A plain loop: a call for each of millions would hold up the first answer. */
function longestWeightNs({ samples: { weightNs } }: Profile): number {
  let longestNs = 0;
  for (let i = 0; i < weightNs.length; i++) longestNs = Math.max(longestNs, weightNs[i] ?? 0);
  return longestNs;
}

/** Own files whose text nobody knows although the sources were kept: they changed while the program ran. */
function changedSources({ run }: OpenRun): string[] {
  const { sources } = run.manifest;
  if (sources === undefined) return [];
  const own = new Set<number>();
  run.profile.functions.kind.forEach((kind, func) => {
    if (kind === 0) own.add(run.profile.functions.file[func] ?? -1);
  });
  return run.profile.files
    .filter(file => own.has(file.file) && file.modifiedNs > 0)
    .map(file => run.profile.strings[file.file] ?? '')
    .filter(path => path.endsWith('.py') && sources[path] === undefined)
    .map(path => path.slice(path.search(/[^/\\]*$/)));
}
