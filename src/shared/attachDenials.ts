/** Why the system does not let us look at a running process. */
export const denialCauses = [
  'yamaChildren',
  'yamaRoot',
  'yamaNever',
  'otherUser',
  'container',
  'protected',
  'macRoot',
] as const;
export type DenialCause = (typeof denialCauses)[number];

/**
 * The sentence for each cause: what is wrong, and the one thing to do. `{name}`, `{pid}` and `{user}` are filled in; the
 * editor translates them.
 */
export const denialSentences: Readonly<Record<DenialCause, string>> = {
  yamaChildren:
    'Linux lets programs look at their own child processes only, so {name} (process {pid}) cannot be recorded. Allow more until the next restart: sudo sysctl kernel.yama.ptrace_scope=0',
  yamaRoot:
    'Linux lets only root look at other processes (kernel.yama.ptrace_scope is 2), so {name} (process {pid}) cannot be recorded. Run Pyrolens as root.',
  yamaNever:
    'Linux lets nobody look at other processes (kernel.yama.ptrace_scope is 3), so {name} (process {pid}) cannot be recorded. Only a restart of the system with another value changes that: start the program with Pyrolens instead.',
  otherUser:
    '{name} (process {pid}) belongs to {user}, and only {user} or root may look at it. Run Pyrolens as one of them.',
  container:
    'This container may not look at processes, so {name} (process {pid}) cannot be recorded. Start the container with --cap-add SYS_PTRACE.',
  protected:
    '{name} (process {pid}) has more rights than you or hides its memory, so it cannot be recorded. Run Pyrolens as root.',
  macRoot:
    'macOS lets only root look at other processes, so {name} (process {pid}) cannot be recorded. Run Pyrolens as root.',
};

/** The sentence for a failure `attachDenied`, in English and not filled in. */
export function denialSentence(cause: string | undefined): string {
  return denialSentences[denialCauses.find(known => known === cause) ?? 'protected'];
}
