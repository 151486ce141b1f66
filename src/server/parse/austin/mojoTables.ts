import { isWaitingFunction } from '../../waits/libraryWaits';
import type { ProfileBuilder } from '../model/profileBuilder';

/** A key as it was written: the address of something, up to 64 bits. */
export type MojoKey = number | bigint;

/** A frame's definition. Columns are 1-based, 0 is unknown. */
export interface MojoFrame {
  readonly file: MojoKey;
  readonly scope: MojoKey;
  readonly line: number;
  readonly endLine: number;
  readonly column: number;
  readonly endColumn: number;
}

const lostName = '<lost>';

interface Tables {
  readonly strings: Map<MojoKey, string>;
  readonly frames: Map<MojoKey, number>;
}

/** The strings and frames of each process. What stands before the first stack belongs to all of them. */
export class MojoTables {
  hasColumns = false;
  /** References to what was never defined. */
  lostCount = 0;
  /** Changes when a key is given another meaning than it had. */
  version = 0;
  private common = newTables();
  private byPid = new Map<number, Tables>();
  private current = this.common;
  private readonly waits: boolean[] = [];
  private readonly specials = new Map<string, number>();

  constructor(private readonly builder: ProfileBuilder) {}

  beginPart(): void {
    this.common = newTables();
    this.byPid = new Map();
    this.current = this.common;
    this.version++;
  }

  setPid(pid: number): void {
    let tables = this.byPid.get(pid);
    if (tables === undefined) {
      tables = newTables();
      this.byPid.set(pid, tables);
    }
    this.current = tables;
  }

  string(key: MojoKey, text: string): void {
    this.current.strings.set(key, text);
  }

  frame(key: MojoKey, { file, scope, line, endLine, column, endColumn }: MojoFrame): void {
    const [name, path] = [this.text(scope), this.text(file)];
    const place = {
      func: this.builder.func(name, path, 0),
      line: Math.max(line, 0),
      endLine: endLine > 0 ? endLine : Math.max(line, 0),
      column: column > 0 ? column - 1 : -1,
      endColumn: endColumn > 0 ? endColumn - 1 : -1,
    };
    this.hasColumns ||= column > 0;
    const index = this.builder.frame(place);
    this.waits[index] = isWaitingFunction(name, path);
    const before = this.current.frames.get(key) ?? this.common.frames.get(key) ?? index;
    if (before !== index) this.version++;
    this.current.frames.set(key, index);
  }

  /** The builder's frame for a reference. */
  frameOf(key: MojoKey): number {
    const frame = this.current.frames.get(key) ?? this.common.frames.get(key);
    if (frame !== undefined) return frame;
    this.lostCount++;
    return this.special(lostName);
  }

  /** True for the frame that stands for whatever was never defined. */
  isLost(frame: number): boolean {
    return frame === this.specials.get(lostName);
  }

  /** A frame that stands for no Python code. */
  special(name: string): number {
    const known = this.specials.get(name);
    if (known !== undefined) return known;
    const func = this.builder.func(name, '~', 0);
    const frame = this.builder.frame({ func, line: 0, endLine: 0, column: -1, endColumn: -1 });
    this.specials.set(name, frame);
    return frame;
  }

  /** True when the frame is a function that is known to wait. */
  isWaiting(frame: number): boolean {
    return this.waits[frame] ?? false;
  }

  /** Key 1 means that the writer could not read the string. */
  text(key: MojoKey): string {
    return this.current.strings.get(key) ?? this.common.strings.get(key) ?? '<unknown>';
  }
}

function newTables(): Tables {
  return { strings: new Map(), frames: new Map() };
}
