import { type TargetMemory, WordBuffer, wordAt } from '../memory/targetMemory';

/** Byte offsets inside the structures of asyncio's C module. */
export interface TaskLayout {
  readonly task: {
    readonly byteCount: number;
    readonly name: number;
    /** One byte: 1 in a task, 0 in a future that is none. */
    readonly isTask: number;
    readonly coroutine: number;
    /** Its link in the list of a thread's tasks: the address of the next link, then of the one before. */
    readonly link: number;
  };
  /** From the address of a thread state. */
  readonly thread: {
    readonly runningLoop: number;
    readonly runningTask: number;
    /** The head of the circular list of its tasks. */
    readonly tasks: number;
  };
}

const wordCount = 13;
const maxOffset = 16_384;

/** `_asyncio_debug_offsets` of CPython 3.14 and 3.15; undefined when what is there cannot be it. */
export function readTaskLayout(memory: TargetMemory, address: number): TaskLayout | undefined {
  const { bytes, words } = new WordBuffer(wordCount * 8);
  if (!memory.read(address, bytes, bytes.length)) return undefined;
  const all = Array.from({ length: wordCount }, (_, index) => wordAt(words, index * 8));
  const [byteCount = 0, name = 0, , isTask = 0, , coroutine = 0, link = 0] = all;
  const [threadBytes = 0, runningLoop = 0, runningTask = 0, tasks = 0] = all.slice(9);
  const isInTask = [name, isTask, coroutine, link + 8].every(offset => offset >= 16 && offset < byteCount);
  const isInThread = [runningLoop, runningTask, tasks].every(offset => offset > 0 && offset < threadBytes);
  if (!isInTask || !isInThread || byteCount > maxOffset) return undefined;
  return {
    task: { byteCount, name, isTask, coroutine, link },
    thread: { runningLoop, runningTask, tasks },
  };
}
