/**
 * Samples of a pyinstrument session: `[[frame, …], seconds]`, root first. A frame is its function, file and first line
 * joined by NUL, then attributes that each begin with \x01: `l` and the executing line, `c` and the class, `h` hidden.
 */
import { sampleState } from '../../../shared/profile';
import { grown } from '../../columns/growingColumn';
import { isWaitingFunction } from '../../waits/libraryWaits';
import { ByteStrings } from '../bytes/byteStrings';
import { IntegerList } from '../json/integerList';
import type { JsonReader } from '../json/jsonReader';
import { isRunner } from '../model/functionKind';
import type { ProfileBuilder } from '../model/profileBuilder';

interface SessionFrame {
  /** The builder's frame, -1 for what is no frame of the program. */
  readonly frame: number;
  /** `sampleState` of a sample with this frame on top. */
  readonly state: number;
  /** The lane, where the frame names the thread, else -1. */
  readonly lane: number;
  readonly isRunner: boolean;
  /** The code that pyinstrument's command hands to the interpreter. */
  readonly isString: boolean;
}

const awaiting = '[await]';

/** Reads records into a builder. */
export class SessionStacks {
  /** Seconds so far, as nanoseconds. */
  endNs = 0;
  private readonly strings = new ByteStrings();
  private readonly frames: SessionFrame[] = [];
  private readonly ids = new IntegerList();
  private nodes = new Int32Array(256);
  private unnamedLane = -1;

  constructor(private readonly builder: ProfileBuilder) {}

  /** Reads one record. */
  readRecord(reader: JsonReader): void {
    if (!reader.isArray()) {
      reader.skip();
      return;
    }
    let seconds = 0;
    let node = -1;
    let hasStack = false;
    reader.beginArray();
    for (let place = 0; reader.nextElement(); place++) {
      if (place === 0 && reader.isArray()) {
        this.readStack(reader);
        node = this.nodeOfStack();
        hasStack = true;
      } else if (place === 1) seconds = reader.number(0);
      else reader.skip();
    }
    if (hasStack && seconds > 0 && Number.isFinite(seconds)) this.addSample(node, seconds * 1e9);
  }

  private addSample(node: number, weightNs: number): void {
    this.endNs += weightNs;
    const { ids, builder } = this;
    const root = ids.length > 0 ? this.frames[ids.values[0] ?? -1] : undefined;
    const leaf = ids.length > 0 ? this.frames[ids.values[ids.length - 1] ?? -1] : undefined;
    const lane = root !== undefined && root.lane >= 0 ? root.lane : this.laneWithoutName();
    const index = builder.samples.add(lane, node, this.endNs, weightNs);
    if (leaf !== undefined && leaf.state > 0) builder.samples.setState(index, leaf.state);
  }

  private laneWithoutName(): number {
    if (this.unnamedLane < 0) this.unnamedLane = this.laneOf('');
    return this.unnamedLane;
  }

  private laneOf(name: string): number {
    // The number behind the name is the interpreter's own, not the system's.
    const isMain = name === 'MainThread';
    return this.builder.lane({ kind: 'thread', parent: -1, pid: 0, tid: 0, name, isMain });
  }

  private readStack(reader: JsonReader): void {
    this.ids.restart();
    reader.beginArray();
    while (reader.nextElement()) {
      const id = reader.stringId(this.strings);
      if (id < 0) continue;
      if (id === this.frames.length) this.frames.push(this.newFrame(this.strings.text(id)));
      this.ids.push(id);
    }
  }

  /** The node of the present stack; nodes of what begins like the stack before are known. */
  private nodeOfStack(): number {
    const { values, length, sameCount } = this.ids;
    if (length > this.nodes.length) this.nodes = grown(this.nodes, length, Int32Array);
    let node = sameCount === 0 ? -1 : (this.nodes[sameCount - 1] as number);
    for (let i = sameCount; i < length; i++) {
      const frame = this.frames[values[i] as number];
      const before = i === 0 ? undefined : this.frames[values[i - 1] as number];
      const isStart = frame?.isString === true && before?.isRunner === true;
      if (frame !== undefined && frame.frame >= 0 && !isStart) node = this.builder.node(node, frame.frame);
      this.nodes[i] = node;
    }
    return node;
  }

  private newFrame(text: string): SessionFrame {
    const [identifier = '', ...attributes] = text.split('\x01');
    const [name = '', file = '', first = ''] = identifier.split('\x00');
    const none = { frame: -1, state: 0, lane: -1, isRunner: false, isString: false };
    if (file === '<thread>') return { ...none, lane: this.laneOf(name) };
    if (name === awaiting) return { ...none, state: sampleState.waiting };
    const line = attributes.find(attribute => attribute.startsWith('l'))?.slice(1) ?? '';
    const func = this.builder.func(name, file, lineOf(first));
    return {
      ...none,
      frame: this.builder.frame({ func, line: lineOf(line), endLine: 0, column: -1, endColumn: -1 }),
      state: isWaitingFunction(name, file) ? sampleState.waiting | sampleState.guessed : 0,
      isRunner: isRunner(file),
      isString: name === '<module>' && file === '<string>',
    };
  }
}

function lineOf(text: string): number {
  const value = Number(text);
  return Number.isInteger(value) && value > 0 && value < 2 ** 31 ? value : 0;
}
