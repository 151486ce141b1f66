export interface Interpreter {
  /** As `3.12.1`. */
  readonly version: string;
  readonly command: string[];
  readonly kind: 'local' | 'chroot';
  readonly root?: string;
}
export declare function findInterpreters(options?: {
  readonly withChroot?: boolean;
  readonly log?: (line: string) => void;
}): Promise<Interpreter[]>;
export declare function mountInto(interpreter: Interpreter, folders: readonly string[]): Interpreter;
