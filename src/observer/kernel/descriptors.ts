import { readlinkSync } from 'node:fs';

/** How long a descriptor is believed to be what it was: it may be closed, and its number given to another. */
const trustedMs = 50;
const maxKnown = 4_096;

export type DescriptorKind = 'pipe' | 'socket' | 'terminal' | 'path' | 'other';

interface Known {
  readonly kind: DescriptorKind;
  readonly seenMs: number;
}

/** What the file descriptors of a process are, by their links (proc_pid_fd(5)). */
export class Descriptors {
  private readonly known = new Map<number, Known>();

  constructor(private readonly pid: number) {}

  kind(descriptor: number): DescriptorKind {
    const nowMs = performance.now();
    const known = this.known.get(descriptor);
    if (known && nowMs - known.seenMs < trustedMs) return known.kind;
    if (this.known.size >= maxKnown) this.known.clear();
    const kind = kindOfLink(this.link(descriptor));
    this.known.set(descriptor, { kind, seenMs: nowMs });
    return kind;
  }

  private link(descriptor: number): string {
    try {
      return readlinkSync(`/proc/${this.pid}/fd/${descriptor}`);
    } catch {
      return '';
    }
  }
}

function kindOfLink(link: string): DescriptorKind {
  if (link.startsWith('pipe:')) return 'pipe';
  if (link.startsWith('socket:')) return 'socket';
  if (/^\/dev\/(tty|pts\/|console)/.test(link)) return 'terminal';
  return link.startsWith('/') ? 'path' : 'other';
}
