/**
 * The table of frames that the profiles in a speedscope file refer to by number. Tools write it before or after the
 * profiles, so it is looked up first. What a frame's line means depends on the tool: see `lineMeaningOf`.
 */
import { type ProfileInfo, sampleState } from '../../../shared/profile';
import { isWaitingFunction } from '../../waits/libraryWaits';
import type { ByteSource } from '../bytes/byteSource';
import { JsonDamaged } from '../json/jsonDamaged';
import { findJsonKey } from '../json/jsonKeySearch';
import { JsonKeys } from '../json/jsonKeys';
import { JsonReader } from '../json/jsonReader';
import type { ProfileBuilder } from '../model/profileBuilder';

/** Who wrote the file: «py-spy@0.4.3» is `{ name: 'py-spy', version: '0.4.3' }`. */
export interface Exporter {
  readonly name: string;
  readonly version: string;
}

interface RawFrame {
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

const maxMissing = 10_000;

const frameKeys = new JsonKeys(['name', 'file', 'line']);
const sharedKeys = new JsonKeys(['frames']);
/** py-spy puts the process and the thread on the stack; the profile's name says them too. */
const laneFrame = /^(?:thread \(\S+\)|process \d+:)/;

/** Frames of a speedscope file by their number in the file. */
export class SpeedscopeFrames {
  readonly lineMeaning: ProfileInfo['lineMeaning'];
  private readonly raw: readonly RawFrame[];
  private readonly builderFrames: Int32Array;
  private readonly states: Uint8Array;
  private readonly missing = new Map<number, number>();

  constructor(
    source: ByteSource,
    readonly exporter: Exporter,
    private readonly builder: ProfileBuilder,
  ) {
    this.raw = readFrames(source);
    this.lineMeaning = lineMeaningOf(exporter, this.raw);
    this.builderFrames = Int32Array.from(this.raw, frame => this.builderFrame(frame));
    this.states = Uint8Array.from(this.raw, frame => this.stateOf(frame));
  }

  /** How many frames were referred to that the file does not have. */
  get missingCount(): number {
    return this.missing.size;
  }

  /** The builder's frame, -1 for what is no frame of the program. A number beyond the table gets a name made of it. */
  frame(index: number): number {
    const known = this.builderFrames[index];
    if (known !== undefined) return known;
    const made = this.missing.get(index);
    if (made !== undefined) return made;
    // A damaged file may refer to millions: from some point on they share a name.
    const isMany = this.missing.size >= maxMissing;
    const func = this.builder.func(isMany ? '#…' : `#${index}`, '', 0);
    const frame = this.builder.frame({ func, line: 0, endLine: 0, column: -1, endColumn: -1 });
    if (!isMany) this.missing.set(index, frame);
    return frame;
  }

  /** `sampleState` bits of a sample with this frame on top. */
  state(index: number): number {
    return this.states[index] ?? 0;
  }

  /** Ids of the functions by frame, for counting calls: -1 none. */
  functionOf(index: number): number {
    const frame = this.raw[index];
    if (frame === undefined || (this.builderFrames[index] ?? -1) < 0) return -1;
    return this.builder.func(frame.name, frame.file, this.lineMeaning === 'definition' ? frame.line : 0);
  }

  private builderFrame(raw: RawFrame): number {
    if (this.isPseudo(raw)) return -1;
    const isDefinition = this.lineMeaning === 'definition';
    const func = this.builder.func(raw.name, raw.file, isDefinition ? raw.line : 0);
    const line = isDefinition ? 0 : raw.line;
    return this.builder.frame({ func, line, endLine: 0, column: -1, endColumn: -1 });
  }

  private isPseudo({ name, file, line }: RawFrame): boolean {
    if (this.exporter.name === 'py-spy') return file === '' && line === 0 && laneFrame.test(name);
    return this.exporter.name === 'pyinstrument' && (name === '[self]' || name === '[await]');
  }

  private stateOf({ name, file }: RawFrame): number {
    if (this.exporter.name === 'pyinstrument' && name === '[await]') return sampleState.waiting;
    return isWaitingFunction(name, file) ? sampleState.waiting | sampleState.guessed : 0;
  }
}

/** Reads who wrote the file, wherever it says so. */
export function readExporter(source: ByteSource): Exporter {
  const at = findJsonKey(source, 'exporter', '"');
  if (at < 0) return { name: '', version: '' };
  try {
    const [name = '', version = ''] = new JsonReader(source, at, 64 * 1024).string().split('@');
    return { name, version };
  } catch (error) {
    if (error instanceof JsonDamaged) return { name: '', version: '' };
    throw error;
  }
}

/** As many frames as can be read. Damage shows again when the file is read through, and is reported there. */
function readFrames(source: ByteSource): RawFrame[] {
  const frames: RawFrame[] = [];
  const at = findJsonKey(source, 'shared', '{');
  if (at < 0) return frames;
  try {
    const reader = new JsonReader(source, at, 1024 * 1024);
    reader.beginObject();
    for (let key = reader.nextKey(sharedKeys); key !== JsonReader.end; key = reader.nextKey(sharedKeys)) {
      if (key !== 0 || !reader.isArray()) {
        reader.skip();
        continue;
      }
      reader.beginArray();
      while (reader.nextElement()) frames.push(readFrame(reader));
    }
  } catch (error) {
    if (!(error instanceof JsonDamaged)) throw error;
  }
  return frames;
}

function readFrame(reader: JsonReader): RawFrame {
  const frame = { name: '', file: '', line: 0 };
  if (!reader.isObject()) {
    reader.skip();
    return frame;
  }
  reader.beginObject();
  for (let key = reader.nextKey(frameKeys); key !== JsonReader.end; key = reader.nextKey(frameKeys)) {
    if (key === 0) frame.name = reader.string();
    else if (key === 1) frame.file = reader.string();
    else if (key === 2) frame.line = lineOf(reader.number(0));
    else reader.skip();
  }
  return frame;
}

function lineOf(value: number): number {
  return Number.isInteger(value) && value > 0 && value < 2 ** 31 ? value : 0;
}

/**
 * py-spy and memray write the executing line, pyinstrument and ourselves the line of the definition. Of other tools
 * the modules tell: their definition is line 1, and they execute further down.
 */
function lineMeaningOf(exporter: Exporter, frames: readonly RawFrame[]): ProfileInfo['lineMeaning'] {
  if (frames.every(frame => frame.line === 0)) return 'none';
  if (['py-spy', 'memray'].includes(exporter.name)) return 'executing';
  if (['pyinstrument', 'pyrolens'].includes(exporter.name)) return 'definition';
  const modules = frames.filter(frame => frame.name === '<module>');
  return modules.some(frame => frame.line > 1) ? 'executing' : 'definition';
}
