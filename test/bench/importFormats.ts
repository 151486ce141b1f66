/** The formats that are measured, with their goals (megabytes are 10⁶ bytes of plain text). */
export interface BenchedFormat {
  /** Also the name of its generator, `generate/<id>.mjs`, which exports `write<Id>(path, megabytes, seed)`. */
  readonly id: string;
  /** speedscope tells some formats by the file's name. */
  readonly fileName: string;
  /** Megabytes per second, one thread. Undefined: only compared with the peer. */
  readonly minRate?: number;
  /** Memory kept, as a share of the file. */
  readonly maxKept: number;
  readonly isReadByPeer: boolean;
}

export const benchedFormats: readonly BenchedFormat[] = [
  {
    id: 'collapsed',
    fileName: 'profile.collapsedstack.txt',
    minRate: 150,
    maxKept: 0.2,
    isReadByPeer: true,
  },
  { id: 'austinText', fileName: 'profile.austin', minRate: 150, maxKept: 0.2, isReadByPeer: true },
  {
    id: 'speedscope',
    fileName: 'profile.speedscope.json',
    minRate: 100,
    maxKept: 0.5,
    isReadByPeer: true,
  },
  { id: 'cpuProfile', fileName: 'profile.cpuprofile', minRate: 100, maxKept: 0.5, isReadByPeer: true },
  // speedscope reads only the Firefox profiles of before 2018.
  { id: 'gecko', fileName: 'profile.gecko.json', minRate: 100, maxKept: 0.5, isReadByPeer: false },
  { id: 'vizTracer', fileName: 'profile.json', minRate: 120, maxKept: 0.5, isReadByPeer: true },
  { id: 'pprof', fileName: 'profile.pb.gz', maxKept: 0.5, isReadByPeer: true },
  { id: 'mojo', fileName: 'profile.mojo', maxKept: 0.5, isReadByPeer: false },
];
