export interface Interpreter {
  /** As `3.12.1`. */
  readonly version: string;
  /** Program and first arguments; append Python's own. */
  readonly command: readonly string[];
  readonly kind: 'local' | 'chroot';
  /** The change root's folder. */
  readonly root?: string;
}

export function findInterpreters(options?: {
  readonly withChroot?: boolean;
  readonly log?: (line: string) => void;
}): Promise<Interpreter[]>;

export function mountInto(interpreter: Interpreter, folders: readonly string[]): Interpreter;
