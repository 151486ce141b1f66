/**
 * Every failure a user can meet, by code. The sentence and the one action are made in one place per front end
 * (`src/host/failures.ts`, `src/cli`); the code and its facts travel between processes.
 */
export const failureCodes = [
  'noPython',
  'pythonTooOld',
  'pythonBroken',
  'notPythonFile',
  'notPythonCell',
  'noKernel',
  'kernelRefused',
  'fileMissing',
  'untrusted',
  'storageUnwritable',
  'diskFull',
  'launchFailed',
  'programCrashed',
  'programKilled',
  'nothingRecorded',
  'samplingRefused',
  'engineRefused',
  'engineArgument',
  'installFailed',
  'unreadableRun',
  'damagedRun',
  'sourceMissing',
  'noSourceFile',
  'notOnDisk',
  'serverDown',
  'exportFailed',
  'alreadyRecording',
  'nothingToKeep',
  'keepUnanswered',
  'wrongConfiguration',
  'processGone',
  'notPython',
  'attachDenied',
  'attachUnsupported',
  'attachNeedsTool',
  'attachFailed',
  'internal',
] as const;
export type FailureCode = (typeof failureCodes)[number];

/** Facts that fill a sentence: `path`, `version`, `reason`, `code`, `signal` … */
export type FailureFacts = Readonly<Record<string, string>>;

/** An expected failure. Anything else that is thrown is a bug and is shown as `internal`, with the log. */
export class PyrolensError extends Error {
  constructor(
    readonly code: FailureCode,
    readonly facts: FailureFacts = {},
  ) {
    super(`${code} ${JSON.stringify(facts)}`);
    this.name = 'PyrolensError';
  }

  /** Turns anything thrown into a `PyrolensError`, mapping the operating system's codes. */
  static from(thrown: unknown): PyrolensError {
    if (thrown instanceof PyrolensError) return thrown;
    const error = thrown as { code?: unknown; message?: unknown; path?: unknown; data?: unknown };
    const facts = { reason: String(error?.message ?? thrown), path: String(error?.path ?? '') };
    if (error?.code === 'ENOSPC' || error?.code === 'EDQUOT') return new PyrolensError('diskFull', facts);
    if (error?.code === 'EACCES' || error?.code === 'EROFS' || error?.code === 'EPERM') {
      return new PyrolensError('storageUnwritable', facts);
    }
    // The second form is one thrown by another bundle, whose class is another object.
    return fromWire(error?.data) ?? fromWire(thrown) ?? new PyrolensError('internal', facts);
  }

  /** What to put into an LSP error's `data`. */
  toWire(): { code: FailureCode; facts: FailureFacts } {
    return { code: this.code, facts: this.facts };
  }
}

function fromWire(data: unknown): PyrolensError | undefined {
  const wire = data as { code?: unknown; facts?: unknown } | null | undefined;
  const code = failureCodes.find(known => known === wire?.code);
  return code && new PyrolensError(code, (wire?.facts ?? {}) as FailureFacts);
}
