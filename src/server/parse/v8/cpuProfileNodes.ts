/**
 * The call tree of a V8 profile, read into columns: a flat list whose nodes name their children or their parent, or
 * (Chrome before 2017) one tree of nested objects below `head`.
 */

import { GrowingFloat64, GrowingInt32 } from '../../columns/growingColumn';
import type { Slicer } from '../../slicer';
import type { ByteStrings } from '../bytes/byteStrings';
import { IntegerList } from '../json/integerList';
import { JsonKeys } from '../json/jsonKeys';
import { JsonReader } from '../json/jsonReader';
import { RepeatedObjects } from '../json/repeatedObjects';

const nodeKeys = new JsonKeys([
  'id',
  'parent',
  'children',
  'callFrame',
  'positionTicks',
  'hitCount',
  'functionName',
  'url',
  'lineNumber',
]);
const [idKey, parentKey, childrenKey, callFrameKey, ticksKey, hitCountKey, nameKey, urlKey, lineKey] =
  nodeKeys.names.keys();
const frameKeys = new JsonKeys(['functionName', 'url', 'lineNumber']);
const tickKeys = new JsonKeys(['line', 'ticks']);
const noNode = -1;
const maxTicks = 0x7fffffff;
const membersPerLook = 4096;

/** The functions that nodes stand for. */
export class CallFrames {
  readonly texts = new RepeatedObjects();
  /** String ids, -1 unknown. */
  readonly name = new GrowingInt32();
  readonly url = new GrowingInt32();
  /** Line of the definition, 1-based, 0 unknown. */
  readonly firstLine = new GrowingInt32();

  /** Adds a call frame and returns its number. */
  add(name: number, url: number, firstLine: number): number {
    this.name.push(name);
    this.url.push(url);
    return this.firstLine.push(firstLine);
  }
}

/** The nodes in the order of the file. Ids are the file's own and may be any whole numbers. */
export class CpuProfileNodes {
  readonly id = new GrowingFloat64();
  /** Number of each node's call frame in `callFrames`, -1 unknown. */
  readonly callFrame = new GrowingInt32();
  /** Call frames in the order in which they were first met: nodes repeat them to the letter. */
  readonly callFrames = new CallFrames();
  /** The columns from here on end with the last node that has such a thing: most files lack some of them. */
  readonly hitCount = new GrowingFloat64();
  /** Ticks of node `i` by line are `tickStart[i] … tickEnd[i] - 1` of the two columns below. */
  readonly tickStart = new GrowingInt32();
  readonly tickEnd = new GrowingInt32();
  readonly tickLine = new GrowingInt32();
  readonly tickCount = new GrowingFloat64();
  /** Nodes that are being read, outermost first. */
  private readonly open: number[] = [];
  private readonly childIds = new IntegerList();
  private readonly nestedIn = new GrowingInt32();
  private readonly parentId = new GrowingFloat64();
  /** Parent's index and child's id, as the parents list them. */
  private readonly edgeParent = new GrowingInt32();
  private readonly edgeChild = new GrowingFloat64();
  private indexOfId = new Map<number, number>();
  /** Indexes by id where ids are small: nearly always. */
  private denseIndex = new Int32Array(0);

  constructor(
    private readonly reader: JsonReader,
    private readonly strings: ByteStrings,
    private readonly slicer: Slicer,
  ) {}

  get length(): number {
    return this.id.length;
  }

  /** Reads the flat list. */
  async readList(): Promise<void> {
    const { reader } = this;
    if (!reader.isArray()) {
      reader.skip();
      return;
    }
    reader.beginArray();
    for (let count = 0; reader.nextElement(); count++) {
      if (!reader.isObject()) {
        reader.skip();
        continue;
      }
      this.openNode(noNode);
      // Nearly every node is read at one go: a promise for each would cost more than reading it.
      if (!this.readMembers()) await this.readRest();
      if (count % 1024 === 0) await this.slicer.pauseIfDue(reader.share * 0.9);
    }
  }

  /** Reads a node with all that is nested in it, without recursion. */
  async readTree(): Promise<void> {
    if (!this.reader.isObject()) {
      this.reader.skip();
      return;
    }
    this.openNode(noNode);
    await this.readRest();
  }

  private async readRest(): Promise<void> {
    while (!this.readMembers()) await this.slicer.pauseIfDue(this.reader.share * 0.9);
  }

  /** Reads members of the innermost open node. True when all nodes are closed, false when it is time for a pause. */
  private readMembers(): boolean {
    const { reader, open } = this;
    for (let membersLeft = membersPerLook; membersLeft > 0; membersLeft--) {
      const node = open[open.length - 1] as number;
      const key = reader.nextKey(nodeKeys);
      if (key === childrenKey && reader.isArray()) this.readChildren(node);
      else if (key === JsonReader.end) {
        open.pop();
        if (open.length === 0) return true;
        // The closed node was an element of its parent's list: go on in that list.
        this.nextChild(open[open.length - 1] as number);
      } else this.readMember(key, node);
    }
    return false;
  }

  /** Reads the ids of children; where a nested child stands instead, it is opened. */
  private readChildren(parent: number): void {
    const { reader, childIds } = this;
    reader.beginArray();
    childIds.restart();
    const isWhole = reader.plainIntegers(childIds);
    for (let at = 0; at < childIds.length; at++) this.addEdge(parent, childIds.values[at] as number);
    if (!isWhole) this.nextChild(parent);
  }

  /** Goes to the next nested child and opens it, noting ids of children on the way; at the list's end just returns. */
  private nextChild(parent: number): void {
    const { reader } = this;
    while (reader.nextElement()) {
      if (reader.isObject()) {
        this.openNode(parent);
        return;
      }
      this.addEdge(parent, reader.number());
    }
  }

  private addEdge(parent: number, child: number): void {
    this.edgeParent.push(parent);
    this.edgeChild.push(child);
  }

  private openNode(parent: number): void {
    this.reader.beginObject();
    const node = this.id.push(Number.NaN);
    this.callFrame.push(-1);
    if (parent >= 0) this.nestedIn.set(node, parent, -1);
    this.open.push(node);
  }

  private readMember(key: number, node: number): void {
    const { reader } = this;
    if (key === idKey) this.id.set(node, reader.number(), Number.NaN);
    else if (key === parentKey) this.parentId.set(node, reader.number(), Number.NaN);
    else if (key === hitCountKey) this.hitCount.set(node, reader.number(0), 0);
    else if (key === callFrameKey) this.readCallFrame(node);
    else if (key === ticksKey) this.readTicks(node);
    else if (key === nameKey)
      this.callFrames.name.set(this.ownFrame(node), reader.stringId(this.strings), -1);
    else if (key === urlKey) this.callFrames.url.set(this.ownFrame(node), reader.stringId(this.strings), -1);
    // Lines of nested nodes count from 1, unlike those of call frames.
    else if (key === lineKey) this.callFrames.firstLine.set(this.ownFrame(node), lineOf(reader.number(0)), 0);
    else reader.skip();
  }

  /** The call frame of a node that names its function itself. */
  private ownFrame(node: number): number {
    const known = this.callFrame.at(node);
    if (known >= 0) return known;
    const made = this.callFrames.add(-1, -1, 0);
    this.callFrame.set(node, made, -1);
    return made;
  }

  private readCallFrame(node: number): void {
    const known = this.reader.knownObject(this.callFrames.texts);
    this.callFrame.set(node, known >= 0 ? known : this.newCallFrame(), -1);
  }

  private newCallFrame(): number {
    const { reader, callFrames } = this;
    if (!reader.isObject()) {
      reader.skip();
      return -1;
    }
    const start = reader.offset;
    let [name, url, firstLine] = [-1, -1, 0];
    reader.beginObject();
    for (let key = reader.nextKey(frameKeys); key !== JsonReader.end; key = reader.nextKey(frameKeys)) {
      if (key === 0) name = reader.stringId(this.strings);
      else if (key === 1) url = reader.stringId(this.strings);
      else if (key === 2) firstLine = lineOf(reader.number(-1) + 1);
      else reader.skip();
    }
    const frame = callFrames.add(name, url, firstLine);
    callFrames.texts.learn(frame, reader.offset - start);
    return frame;
  }

  private readTicks(node: number): void {
    const { reader } = this;
    if (!reader.isArray()) {
      reader.skip();
      return;
    }
    const start = this.tickLine.length;
    reader.beginArray();
    while (reader.nextElement()) {
      if (!reader.isObject()) {
        reader.skip();
        continue;
      }
      let [line, ticks] = [0, 0];
      reader.beginObject();
      for (let key = reader.nextKey(tickKeys); key !== JsonReader.end; key = reader.nextKey(tickKeys)) {
        if (key === 0) line = reader.number(0);
        else if (key === 1) ticks = reader.number(0);
        else reader.skip();
      }
      this.tickLine.push(lineOf(line));
      this.tickCount.push(Math.max(0, Math.min(Math.floor(ticks), maxTicks)));
    }
    this.tickStart.set(node, start, 0);
    this.tickEnd.set(node, this.tickLine.length, 0);
  }

  /** Index of the node with this id, -1 when there is none. Call `parents` first. */
  indexOf(id: number): number {
    if (this.denseIndex.length > 0) return id >= 0 ? (this.denseIndex[id] ?? -1) : -1;
    return this.indexOfId.get(id) ?? -1;
  }

  /** Each node's parent by index, -1 for roots, from whichever way the file tells it. */
  parents(): Int32Array {
    this.indexIds();
    const parents = new Int32Array(this.length).fill(-1);
    parents.set(this.nestedIn.toArray());
    for (let node = 0; node < this.parentId.length; node++) {
      const parent = this.parentId.at(node, Number.NaN);
      if (!Number.isNaN(parent)) parents[node] = this.indexOf(parent);
    }
    for (let edge = 0; edge < this.edgeChild.length; edge++) {
      const child = this.indexOf(this.edgeChild.at(edge, Number.NaN));
      if (child >= 0) parents[child] = this.edgeParent.at(edge);
    }
    return parents;
  }

  private indexIds(): void {
    let largest = 0;
    for (let node = 0; node < this.length; node++) {
      const id = this.id.at(node, Number.NaN);
      largest = id >= 0 && Number.isInteger(id) ? Math.max(largest, id) : Number.POSITIVE_INFINITY;
    }
    if (largest <= this.length * 4 + 1024) {
      this.denseIndex = new Int32Array(largest + 1).fill(-1);
      for (let node = 0; node < this.length; node++) this.denseIndex[this.id.at(node, 0)] = node;
    } else {
      this.denseIndex = new Int32Array(0);
      for (let node = 0; node < this.length; node++) this.indexOfId.set(this.id.at(node, Number.NaN), node);
    }
  }
}

/** A line number, 0 for anything that is none. */
function lineOf(line: number): number {
  return line > 0 && line < 0x7fffffff ? line : 0;
}
