import type { GapClass } from '../../../shared/gaps';
import { functionKinds, type Profile } from '../../../shared/profile';
import { type LibraryWait, libraryWait } from '../../waits/libraryWaits';
import { utf16Column } from '../columns';
import { isIdleWait, isPackageResult } from './idleWaits';
import { loopPlace, loopPlaces } from './loopPlaces';
import { type Reason, waitFor, workOf } from './reason';
import {
  awaitCallRule,
  awaitRule,
  callRule,
  isLockStatement,
  isOwnTimer,
  isPromptCall,
  isPromptFile,
  isSerializerCall,
  isSerializerFile,
  isWaitStatement,
  releasesGil,
} from './waitRules';

/** Nobody writes longer ones; data in a source file does, and patterns would take their time over it. */
const maxLineLength = 2_000;
/** How far up from the innermost frame a reason is looked for, in frames of the standard library. */
const reach = 8;
/** … and in frames of packages, for one of theirs that waits for work. */
const packageReach = 3;
const packages = functionKinds.indexOf('package');
const stdlib = functionKinds.indexOf('stdlib');
const own = functionKinds.indexOf('own');
const native = functionKinds.indexOf('native');
const runtime = functionKinds.indexOf('runtime');

/** Reads what stacks tell, each node once. */
export class StackReader {
  /** The innermost node of own code at or above each node, -1 when there is none. */
  readonly ownNode: Int32Array;
  /** `loopPlace` of each node. */
  readonly place: Uint8Array;
  /** The function with which each node's step of the loop began, -1 outside of steps. */
  readonly stepFunction: Int32Array;
  /** Some stack has an event loop in it. */
  readonly hasLoops: boolean;
  /** 1 where a node is part of a job that a pool's worker runs. */
  readonly isJob: Uint8Array;
  private readonly files: string[];
  private readonly waits: (Reason | undefined)[];
  private readonly work: (Reason | undefined)[];
  private readonly awaits: (GapClass | undefined)[];
  /** By innermost frame: many stacks end at one line. */
  private readonly lineWaits = new Map<number, Reason>();
  /** By frame: 0 not asked yet, 1 keeps the GIL, 2 lets go of it. */
  private readonly gilAnswers: Uint8Array;

  constructor(
    private readonly profile: Profile,
    private readonly linesOf: (file: number) => readonly string[],
  ) {
    const { functions, strings, nodes } = profile;
    this.files = Array.from({ length: functions.length }, (_, func) =>
      baseName(strings[functions.file[func] ?? -1] ?? ''),
    );
    this.ownNode = new Int32Array(nodes.length);
    ({ place: this.place, stepFunction: this.stepFunction, isJob: this.isJob } = loopPlaces(profile));
    this.hasLoops = this.place.some(place => place !== loopPlace.outside);
    this.waits = new Array(nodes.length).fill(undefined);
    this.work = new Array(nodes.length).fill(undefined);
    this.awaits = new Array(nodes.length).fill(undefined);
    this.gilAnswers = new Uint8Array(profile.frames.length);
    for (let node = 0; node < nodes.length; node++) {
      const parent = nodes.parent[node] ?? -1;
      const above = parent < 0 ? -1 : (this.ownNode[parent] ?? -1);
      this.ownNode[node] = functions.kind[this.funcOf(node)] === own ? node : above;
    }
  }

  /** The frame of the innermost own code, -1 when there is none. */
  ownFrame(node: number): number {
    const at = node < 0 ? -1 : (this.ownNode[node] ?? -1);
    return at < 0 ? -1 : (this.profile.nodes.frame[at] ?? -1);
  }

  /** Why a thread waits whose innermost frame is `node`. */
  waitOf(node: number): Reason {
    let wait = this.waits[node];
    if (wait === undefined) {
      wait = this.readWait(node);
      this.waits[node] = wait;
    }
    return wait;
  }

  /** Nobody is delayed by a thread that waits at `node`: its loop polls, or it has no work. */
  isIdle(node: number): boolean {
    return this.place[node] === loopPlace.poll || this.waitOf(node).isIdle;
  }

  /** What a thread does that runs at `node`. */
  workOf(node: number): Reason {
    let work = this.work[node];
    if (work === undefined) {
      work = workOf(this.readWork(node));
      this.work[node] = work;
    }
    return work;
  }

  /** A module was being imported, at whatever depth. */
  isImporting(node: number): boolean {
    const { nodes } = this.profile;
    for (let at = node; at >= 0; at = nodes.parent[at] ?? -1) {
      if (this.isImportMachinery(this.funcOf(at))) return true;
    }
    return false;
  }

  /** What a task awaits whose innermost coroutine is `node`. */
  awaitOf(node: number): GapClass {
    let found = this.awaits[node];
    if (found === undefined) {
      const func = this.funcOf(node);
      const rule = this.isStdlib(func) ? awaitRule(this.files[func] ?? '', this.nameOf(func)) : undefined;
      found = rule ?? awaitCallRule(this.lineText(this.ownFrame(node)));
      this.awaits[node] = found;
    }
    return found;
  }

  /** A frame's line computes in calls of C which let go of the GIL. */
  releasesGil(frame: number): boolean {
    if (frame < 0) return false;
    if (this.gilAnswers[frame] === 0) this.gilAnswers[frame] = releasesGil(this.lineText(frame)) ? 2 : 1;
    return this.gilAnswers[frame] === 2;
  }

  /** The line that a frame was executing; empty when its source is unknown. */
  lineText(frame: number): string {
    const { frames, functions } = this.profile;
    if (frame < 0) return '';
    const file = functions.file[frames.func[frame] ?? 0] ?? -1;
    return (this.linesOf(file)[(frames.line[frame] ?? 0) - 1] ?? '').slice(0, maxLineLength);
  }

  private readWait(node: number): Reason {
    if (this.isPrompt(node)) return waitFor(undefined, { mayBlock: false });
    const rule = this.outermostRule(node);
    if (this.isPackageIdle(node)) return waitFor(rule?.gapClass, { isIdle: true });
    const leaf = this.profile.nodes.frame[node] ?? -1;
    if (rule !== undefined) {
      const isIdle = rule.isIdle === true || (rule.gapClass === 'sync.signal' && this.isTimer(node));
      return waitFor(rule.gapClass, { isIdle });
    }
    if (this.isNative(this.funcOf(node))) return this.readNativeWait(node);
    if (isPackageResult(this.pathOf(this.funcOf(node)), this.nameOf(this.funcOf(node))))
      return waitFor('sync.future');
    const known = this.lineWaits.get(leaf) ?? this.readLineWait(leaf);
    this.lineWaits.set(leaf, known);
    return known;
  }

  /** What the line says that a frame was executing. */
  private readLineWait(leaf: number): Reason {
    const line = this.lineText(leaf);
    const hot = this.hotText(leaf, line);
    const gapClass = callRule(hot) ?? (isLockStatement(line) ? 'sync.lock' : undefined) ?? callRule(line);
    // Without columns the whole line is what was executing, as far as is known.
    const executed = hot === '' && (this.profile.frames.column[leaf] ?? -1) < 0 ? line.trim() : hot;
    const isKnownNotToBlock = executed !== '' && !executed.includes('(') && !isWaitStatement(line);
    return waitFor(gapClass, { mayBlock: !isKnownNotToBlock });
  }

  /** Code that never waits for long by itself: whoever is off the CPU there was kept from running. */
  private isPrompt(node: number): boolean {
    const { nodes } = this.profile;
    const leaf = this.funcOf(node);
    const path = this.pathOf(leaf);
    if (this.place[node] === loopPlace.step && this.isStdlib(leaf) && isPromptFile(path)) return true;
    for (let i = 0, at = node; i < reach && at >= 0; i++, at = nodes.parent[at] ?? -1) {
      const func = this.funcOf(at);
      if (!this.isStdlib(func)) return false;
      if (isPromptCall(this.files[func] ?? '', this.nameOf(func))) return true;
    }
    return false;
  }

  /** A package's own thread or server waits for work: it says so in its innermost frames. */
  private isPackageIdle(node: number): boolean {
    const { nodes, functions } = this.profile;
    let packageCount = 0;
    for (let i = 0, at = node; i < reach && at >= 0; i++, at = nodes.parent[at] ?? -1) {
      const func = this.funcOf(at);
      if (functions.kind[func] === own || packageCount === packageReach) return false;
      if (functions.kind[func] !== packages) continue;
      packageCount++;
      if (isIdleWait(this.pathOf(func), this.nameOf(func))) return true;
    }
    return false;
  }

  /** Tracers name the function of C that was called. */
  private readNativeWait(node: number): Reason {
    const name = this.nameOf(this.funcOf(node));
    return waitFor(callRule(`${name}()`));
  }

  private isTimer(node: number): boolean {
    return isOwnTimer(this.lineText(this.ownFrame(node)));
  }

  private outermostRule(node: number) {
    const { nodes } = this.profile;
    let found: LibraryWait | undefined;
    for (let i = 0, at = node; i < reach && at >= 0; i++, at = nodes.parent[at] ?? -1) {
      const func = this.funcOf(at);
      if (i === 0 && this.isNative(func)) continue;
      if (!this.isStdlib(func)) break;
      const wait = libraryWait(this.files[func] ?? '', this.nameOf(func));
      if (wait?.gapClass !== undefined) found = wait;
    }
    return found;
  }

  private readWork(node: number): GapClass {
    const { nodes, functions } = this.profile;
    const leaf = nodes.frame[node] ?? -1;
    if (isSerializerCall(this.hotText(leaf, this.lineText(leaf)) || this.lineText(leaf)))
      return 'run.serialize';
    for (let at = node; at >= 0; at = nodes.parent[at] ?? -1) {
      const func = this.funcOf(at);
      if (functions.kind[func] === own) break;
      if (this.isImportMachinery(func)) return 'run.import';
      if (this.isStdlib(func) && isSerializerFile(this.files[func] ?? '')) return 'run.serialize';
    }
    return 'run.python';
  }

  /** The expression that was executing, when it stands on one line; else empty. */
  private hotText(frame: number, line: string): string {
    const { frames } = this.profile;
    const [column, endColumn] = [frames.column[frame] ?? -1, frames.endColumn[frame] ?? -1];
    const isOneLine = frames.endLine[frame] === frames.line[frame] && column >= 0 && endColumn > column;
    return isOneLine ? line.slice(utf16Column(line, column), utf16Column(line, endColumn)) : '';
  }

  private isImportMachinery(func: number): boolean {
    return this.pathOf(func).includes('importlib._bootstrap');
  }

  private isStdlib(func: number): boolean {
    const kind = this.profile.functions.kind[func];
    return kind === stdlib || kind === runtime;
  }

  private isNative(func: number): boolean {
    return this.profile.functions.kind[func] === native;
  }

  private funcOf(node: number): number {
    const { nodes, frames } = this.profile;
    return frames.func[nodes.frame[node] ?? -1] ?? -1;
  }

  private pathOf(func: number): string {
    const { functions, strings } = this.profile;
    return strings[functions.file[func] ?? -1] ?? '';
  }

  private nameOf(func: number): string {
    const { functions, strings } = this.profile;
    return strings[functions.name[func] ?? -1] ?? '';
  }
}

function baseName(file: string): string {
  return file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
}
