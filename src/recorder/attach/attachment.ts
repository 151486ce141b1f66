/** One engine looking at a program that runs already. The program goes on whatever becomes of it. */
export interface Attachment {
  /** The process of a tool, where there is one. */
  readonly pid: number | undefined;
  /** It has ended by itself, or never began. */
  readonly hasEnded: boolean;
  /** Why it did not begin, in its own words; '' when it does not say. */
  readonly reason: string;
  /** Resolves to true when it looks, to false when it cannot or was ended before. */
  begin(): Promise<boolean>;
  /** Ends it and resolves when its result is written. */
  finish(how: 'programEnded' | 'stopped'): Promise<void>;
}
