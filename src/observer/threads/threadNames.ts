import { PythonDicts } from '../memory/pythonDicts';
import type { PythonObjects } from '../memory/pythonObjects';

/** The names that the program gave its threads: `threading._active`, which maps idents to `Thread` objects. */
export class ThreadNames {
  private readonly dicts: PythonDicts;
  private active = 0;

  /** `modules`: the address of the interpreter's pointer to its dict of imported modules. */
  constructor(
    private readonly objects: PythonObjects,
    private readonly modules: number,
  ) {
    this.dicts = new PythonDicts(objects);
  }

  /** Names by ident; without those that cannot be read at the moment. */
  read(): Map<number, string> {
    const names = new Map<number, string>();
    for (const [key, thread] of this.dicts.items(this.activeDict())) {
      const ident = this.dicts.integer(key);
      const name = this.objects.text(this.dicts.attribute(thread, '_name'));
      if (ident !== undefined && name !== undefined) names.set(ident, name);
    }
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
