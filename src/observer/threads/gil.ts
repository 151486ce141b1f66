import type { Layout } from '../layout/layout';
import { type TargetMemory, WordBuffer, wordAt } from '../memory/targetMemory';

/** The structure begins with the interval, one word before the holder, and ends with its locks (`_gil_runtime_state`). */
const [bytesBeforeHolder, gilBytes] = [8, 208];

/** Who holds the GIL of an interpreter. */
export class Gil {
  /** Where the GIL of each interpreter is: that does not change. */
  private readonly places = new Map<number, number>();
  private asked = 0;
  private answer = 0;
  private readonly state: WordBuffer;

  constructor(
    private readonly memory: TargetMemory,
    private readonly layout: Layout,
    private readonly runtime: number,
  ) {
    const { holder, locked } = layout.gil;
    this.state = new WordBuffer(Math.ceil((locked + 4 - holder) / 8) * 8);
  }

  /** Asks anew at the next question. */
  forget(): void {
    this.asked = 0;
  }

  /** Address of the thread state that holds it, as it was at the first question since `forget`; 0 when none does. */
  holder(interpreter: number): number {
    if (interpreter !== this.asked) {
      this.asked = interpreter;
      this.answer = this.readHolder(interpreter);
    }
    return this.answer;
  }

  /** Whether an address lies in the interpreter's GIL, as that of the lock does in which a thread waits for it. */
  contains(interpreter: number, address: number): boolean {
    const place = this.places.get(interpreter) ?? this.findPlace(interpreter);
    const start = place + this.layout.gil.holder - bytesBeforeHolder;
    return place !== 0 && address >= start && address < start + gilBytes;
  }

  private readHolder(interpreter: number): number {
    const { holder, locked } = this.layout.gil;
    const gil = this.places.get(interpreter) ?? this.findPlace(interpreter);
    if (gil === 0 || !this.memory.read(gil + holder, this.state.bytes, this.state.bytes.length)) return 0;
    const isLocked = (this.state.words[(locked - holder) >>> 2] ?? 0) === 1;
    return isLocked ? wordAt(this.state.words, 0) : 0;
  }

  private findPlace(interpreter: number): number {
    const { base, at } = this.layout.gil;
    const gil = base === 'runtime' ? this.runtime + at : this.memory.pointer(interpreter + at);
    if (gil !== 0) this.places.set(interpreter, gil);
    return gil;
  }
}
