/** What the kernel said, drawn for tests of what is made of it. */
import type { KernelWaitTable, Profile, WaitReason, WaitResource } from '../../../../../src/shared/profile';
import { transferDirections, waitReasonIndex } from '../../../../../src/shared/profile';

/** One look. Amounts that are left out are unknown. */
export interface DrawnWait {
  readonly node: number;
  readonly at?: number;
  readonly reason?: WaitReason;
  readonly direction?: (typeof transferDirections)[number];
  readonly resource?: WaitResource;
  readonly asked?: number;
  readonly queued?: number;
  readonly unsent?: number;
  readonly readable?: number;
}

export const peer: WaitResource = { kind: 'tcp', name: '10.0.0.5:443', capacityBytes: Number.NaN };
export const pipe: WaitResource = { kind: 'pipe', name: '', capacityBytes: 65_536 };
export const file: WaitResource = { kind: 'file', name: '/data/out.bin', capacityBytes: Number.NaN };

/** The profile with these looks at its first lane; `at` is in milliseconds. */
export function withWaits(profile: Profile, waits: readonly DrawnWait[]): Profile {
  const resources = [...new Set(waits.flatMap(({ resource }) => resource ?? []))];
  const amounts = (of: (wait: DrawnWait) => number | undefined) =>
    Float64Array.from(waits, wait => of(wait) ?? Number.NaN);
  const table: KernelWaitTable = {
    length: waits.length,
    resources,
    lane: new Int32Array(waits.length),
    atNs: Float64Array.from(waits, ({ at = 0 }) => at * 1e6),
    node: Int32Array.from(waits, ({ node }) => node),
    reason: Uint8Array.from(waits, ({ reason = 'io.net' }) => waitReasonIndex(reason)),
    direction: Uint8Array.from(waits, ({ direction = 'none' }) => transferDirections.indexOf(direction)),
    resource: Int32Array.from(waits, ({ resource }) => (resource ? resources.indexOf(resource) : -1)),
    askedBytes: amounts(({ asked }) => asked),
    queuedBytes: amounts(({ queued }) => queued),
    unsentBytes: amounts(({ unsent }) => unsent),
    readableBytes: amounts(({ readable }) => readable),
  };
  return { ...profile, kernelWaits: table };
}
