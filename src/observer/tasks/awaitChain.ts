import type { GeneratorLayout, Layout } from '../layout/layout';
import { objectType } from '../layout/layout';
import type { PythonObjects } from '../memory/pythonObjects';
import { isPlausibleAddress, WordBuffer, wordAt } from '../memory/targetMemory';
import type { RawStack } from '../stacks/rawStack';

/** What an object in a chain of awaits is: it holds a frame, leads to one that does, or ends the chain. */
type Link = 'frame' | 'goBetween' | 'end';

const links: Readonly<Record<string, Link>> = {
  coroutine: 'frame',
  generator: 'frame',
  async_generator: 'frame',
  async_generator_asend: 'goBetween',
  async_generator_athrow: 'goBetween',
  coroutine_wrapper: 'goBetween',
};
/** The first field of a go-between is what it drives (`genobject.c`). */
const drivenAt = 16;
/** References carry marks in the lowest two bits. */
const tagBits = 3;
const maxDepth = 500;
/** A coroutine with the stack of a small frame: mostly one read is enough. */
const readBytes = 512;

/** Reads where suspended coroutines wait: each frame at its `await`. */
export class AwaitChain {
  private readonly object = new WordBuffer(readBytes);
  private readonly kinds = new Map<number, Link>();
  private address = 0;
  private readByteCount = 0;

  constructor(
    private readonly objects: PythonObjects,
    private readonly layout: Layout,
    private readonly generator: GeneratorLayout,
  ) {}

  /**
   * Fills the stack, innermost first. False when the coroutine is not suspended (it runs, has not begun, has ended), or
   * when it ran meanwhile.
   */
  read(coroutine: number, into: RawStack): boolean {
    into.clear();
    let next = coroutine;
    for (let depth = 0; depth < maxDepth && next !== 0; depth++) next = this.step(next, into);
    if (into.depth === 0) return false;
    const [outermost, instruction] = [into.frames[0], into.instructions[0]];
    into.reverse();
    return this.load(coroutine) && this.isSuspended && this.frameNow(outermost ?? 0, instruction ?? 0);
  }

  /** Takes one link of the chain in; answers the next one's address, 0 when this is the last. */
  private step(address: number, into: RawStack): number {
    if (!this.load(address)) return 0;
    const link = this.kindOf(this.word(objectType));
    if (link === 'goBetween') return this.word(drivenAt);
    if (link === 'end' || !this.isSuspended) return 0;
    const { frame } = this.generator;
    const code = untagged(this.word(frame + this.layout.frame.code));
    if (!isPlausibleAddress(code)) return 0;
    if (!into.push(address + frame, code, this.instruction)) return 0;
    return this.isWaiting ? this.awaited() : 0;
  }

  private load(address: number): boolean {
    this.address = address;
    this.readByteCount = isPlausibleAddress(address)
      ? this.objects.memory.readUpTo(address, this.object.bytes, readBytes)
      : 0;
    return this.readByteCount >= this.generator.frame;
  }

  private word(offset: number): number {
    return offset + 8 <= this.readByteCount ? wordAt(this.object.words, offset) : 0;
  }

  private kindOf(type: number): Link {
    let kind = this.kinds.get(type);
    if (kind === undefined) {
      kind = links[this.objects.typeName(type) ?? ''] ?? 'end';
      this.kinds.set(type, kind);
    }
    return kind;
  }

  private get state(): number {
    return this.object.bytes[this.generator.frameState] ?? 0;
  }

  private get isSuspended(): boolean {
    return this.generator.suspended.includes(this.state);
  }

  private get isWaiting(): boolean {
    return this.generator.waiting.includes(this.state);
  }

  private get instruction(): number {
    return this.word(this.generator.frame + this.layout.frame.instruction);
  }

  private frameNow(frame: number, instruction: number): boolean {
    return this.address + this.generator.frame === frame && this.instruction === instruction;
  }

  private awaited(): number {
    const { frame, stackPointer, awaitedBelow } = this.generator;
    const at = this.word(frame + stackPointer) - awaitedBelow;
    const offset = at - this.address;
    const isRead = offset > 0 && offset + 8 <= this.readByteCount;
    return untagged(isRead ? this.word(offset) : this.objects.memory.pointer(at));
  }
}

function untagged(reference: number): number {
  return reference - ((reference % 8) & tagBits);
}
