/** Types of `realProfiles.mjs`, which stays plain JavaScript because the installers are. */
export interface RealProfile {
  readonly id: string;
  readonly path: string;
  readonly isReadByPeer: boolean;
}
export function recordRealProfiles(report: (line: string) => void): readonly RealProfile[];
