import { PythonDicts } from '../memory/pythonDicts';
import type { PythonObjects } from '../memory/pythonObjects';

/** A name costs about ten reads, and there may be hundreds of threads. */
const againAtOnce = 32;

/** The names that the program gave its threads: `threading._active`, which maps idents to `Thread` objects. */
export class ThreadNames {
  private readonly dicts: PythonDicts;
  private active = 0;
  private firstAgain = 0;

  /** `modules`: the address of the interpreter's pointer to its dict of imported modules. */
  constructor(
    private readonly objects: PythonObjects,
    private readonly modules: number,
  ) {
    this.dicts = new PythonDicts(objects);
  }

  /**
   * Names by ident of the threads that are wanted, and of some others, which may have another name by now;
   * without those that cannot be read at the moment.
   */
  read(wanted: ReadonlySet<number>): Map<number, string> {
    const names = new Map<number, string>();
    const items = this.dicts.items(this.activeDict());
    const first = this.firstAgain < items.length ? this.firstAgain : 0;
    this.firstAgain = first + againAtOnce;
    items.forEach(([key, thread], index) => {
      const ident = this.dicts.integer(key);
      const isTurn = index >= first && index < this.firstAgain;
      if (ident === undefined || !(isTurn || wanted.has(ident))) return;
      const name = this.objects.text(this.dicts.attribute(thread, '_name'));
      if (name !== undefined) names.set(ident, name);
    });
    return names;
  }

  /** The dict stays the same object for the life of the module, and the program may import that late. */
  private activeDict(): number {
    if (this.active === 0) {
      const module = this.dicts.get(this.objects.memory.pointer(this.modules), 'threading');
      if (module !== 0) this.active = this.dicts.moduleGlobal(module, '_active');
    }
    return this.active;
  }
}
