import { ChunkCopy, ChunkHints } from '../memory/frameMemory';
import type { PythonObjects } from '../memory/pythonObjects';
import { RawStack } from '../stacks/rawStack';
import type { StackReader } from '../stacks/stackReader';
import { LastStack } from '../stacks/stackTable';
import type { FoundThread } from './threadList';

/** A thread of our collectors begins there (`src/collectors/pyrolens_collect/lifecycle.py`). */
const ownFile = /[/\\]pyrolens_collect[/\\]lifecycle\.py$/;
/** So often a thread is asked that has no frame: it is about to have one, or runs no Python for a while. */
const maxQuestions = 25;

interface Verdict {
  readonly found: FoundThread;
  isOwn: boolean;
  /** How often it was asked in vain; 0 when it has answered. */
  questionCount: number;
}

/** Tells the threads that we ourselves have started in the program (its hooks) by their outermost function. */
export class OwnThreads {
  /** A thread has no frame yet by which it could be told: ask again soon. */
  hasUndecided = false;
  private verdicts = new Map<number, Verdict>();
  private readonly raw = new RawStack();

  constructor(
    private readonly objects: PythonObjects,
    private readonly reader: StackReader,
  ) {}

  /** Those that are the program's. */
  leaveOut(found: readonly FoundThread[]): FoundThread[] {
    const before = this.verdicts;
    this.verdicts = new Map();
    this.hasUndecided = false;
    return found.filter(thread => {
      const verdict = this.judge(thread, before.get(thread.address));
      this.verdicts.set(thread.address, verdict);
      const isUndecided = verdict.questionCount > 0 && verdict.questionCount < maxQuestions;
      this.hasUndecided ||= isUndecided;
      return !(verdict.isOwn || isUndecided);
    });
  }

  private judge(found: FoundThread, known: Verdict | undefined): Verdict {
    const isSame = known?.found.ident === found.ident && known.found.tid === found.tid;
    const verdict = known && isSame ? known : { found, isOwn: false, questionCount: 1 };
    if (verdict.questionCount === 0 || verdict.questionCount >= maxQuestions) return verdict;
    const root = this.rootCode(found.address);
    if (root === 0) verdict.questionCount++;
    else {
      verdict.questionCount = 0;
      verdict.isOwn = ownFile.test(this.fileOf(root));
    }
    return verdict;
  }

  /** Address of the outermost function's code; 0 while there is none. */
  private rootCode(address: number): number {
    const { raw } = this;
    const chunks = new ChunkHints(this.objects.memory);
    const place = { address, chunks, root: 0, cFrame: 0, last: new LastStack(), copy: new ChunkCopy() };
    return this.reader.read(place, raw) ? (raw.codes[raw.depth - 1] ?? 0) : 0;
  }

  private fileOf(code: number): string {
    const { memory, layout } = this.objects;
    return this.objects.text(memory.pointer(code + layout.code.filename)) ?? '';
  }
}
