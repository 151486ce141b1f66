import { GrowingInt32 } from '../../columns/growingColumn';
import { say } from '../../strings';
import type { ByteStrings } from '../bytes/byteStrings';
import { PairIndex } from '../model/pairIndex';
import type { ProfileBuilder } from '../model/profileBuilder';

/** Where a function is written down; file '' unknown, line 0 unknown. */
export interface FunctionPlace {
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

/**
 * py-spy's names: a function at an executing line is an id of its own. The process and the thread are frames too, without a
 * file, at the bottom of the stack.
 */
export class PlacedNames {
  private readonly file = new GrowingInt32();
  private readonly line = new GrowingInt32();
  private readonly name = new GrowingInt32();
  private readonly place = new GrowingInt32();
  private readonly processes = new Set<number>();
  private readonly threads = new Map<number, PySpyThread>();
  private readonly places = new PairIndex(
    id => this.file.at(id),
    id => this.line.at(id),
  );
  private readonly ids = new PairIndex(
    id => this.name.at(id),
    id => this.place.at(id),
  );

  constructor(
    private readonly names: ByteStrings,
    private readonly texts: ByteStrings,
  ) {}

  /** The id of a name at a place; the name is an id in `names`, the file one in `texts`. */
  id(name: number, file: number, line: number): number {
    let place = this.places.find(file, line);
    if (place < 0) {
      place = this.file.push(file);
      this.line.push(line);
      this.places.add(file, line, place);
    }
    const known = this.ids.find(name, place);
    if (known >= 0) return known;
    this.place.push(place);
    const id = this.name.push(name);
    this.ids.add(name, place, id);
    const written = this.at(id);
    if (written.file === '' && /^process \d+:"/.test(written.name)) this.processes.add(id);
    const thread = threadOf(written);
    if (thread) this.threads.set(id, thread);
    return id;
  }

  /** The thread that a pseudo frame names. */
  thread(id: number): PySpyThread | undefined {
    return this.threads.get(id);
  }

  /** True for the pseudo frame of a process, which only stands at the root. */
  isProcess(id: number): boolean {
    return this.processes.has(id);
  }

  at(id: number): FunctionPlace {
    const place = this.place.at(id);
    const file = this.file.at(place);
    return {
      name: this.names.text(this.name.at(id)),
      file: file < 0 ? '' : this.texts.text(file),
      line: Math.max(0, this.line.at(place)),
    };
  }
}

interface PySpyThread {
  readonly tid: number;
  readonly name: string;
}

function threadOf({ name, file }: FunctionPlace): PySpyThread | undefined {
  const match = file === '' ? /^thread \((\w+)\)(?:: (.*))?$/s.exec(name) : null;
  return match ? { tid: Number(match[1]) || 0, name: match[2] ?? '' } : undefined;
}

/** `qualname (file:line)` as VizTracer, `file.py(line): name` as PyTorch writes it; else the name alone. */
export function writtenPlace(text: string): FunctionPlace {
  // A qualified name has no blank before a parenthesis, a path may have.
  const viz = /^(.*?) \((.*):(\d+)\)$/s.exec(text);
  if (viz) return { name: viz[1] ?? '', file: viz[2] ?? '', line: Number(viz[3]) };
  const torch = /^(.+\.py)\((\d+)\): (.+)$/s.exec(text);
  if (torch) return { name: torch[3] ?? '', file: torch[1] ?? '', line: Number(torch[2]) };
  return { name: text === '' ? say('unnamed') : text, file: '', line: 0 };
}

/** Frames by name id, each made when it is first met, and how often each name was called. */
export class TraceFrames {
  /** True when a frame has a file and a line. */
  hasLines = false;
  private readonly frameOf = new GrowingInt32();
  private readonly funcOf = new GrowingInt32();
  private readonly calls = new GrowingInt32();

  constructor(
    private readonly builder: ProfileBuilder,
    private readonly source: {
      readonly isExecuting: boolean;
      readonly place: (name: number) => FunctionPlace;
    },
  ) {}

  /** The stack node of a call; counts it. */
  node(parent: number, name: number): number {
    let frame = this.frameOf.at(name, unmade);
    if (frame === unmade) frame = this.make(name);
    this.calls.set(name, this.calls.at(name, 0) + 1, 0);
    return this.builder.node(parent, frame);
  }

  /** Tells the builder how often each function was called. */
  countCalls(): void {
    for (let name = 0; name < this.calls.length; name++) {
      const count = this.calls.at(name, 0);
      if (count > 0) this.builder.countCalls(this.funcOf.at(name), count);
    }
  }

  private make(name: number): number {
    const place = this.source.place(name);
    if (place.line > 0) this.hasLines = true;
    const { isExecuting } = this.source;
    const func = this.builder.func(place.name, place.file, isExecuting ? 0 : place.line);
    const line = isExecuting ? place.line : 0;
    const frame = this.builder.frame({ func, line, endLine: line, column: -1, endColumn: -1 });
    this.frameOf.set(name, frame, unmade);
    this.funcOf.set(name, func, -1);
    return frame;
  }
}

const unmade = -1;
