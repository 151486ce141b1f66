import type { ProfileInfo } from '../../shared/profile';

/** A profile's facts from those that a parser knows; the rest is «unknown» or «no». */
export function profileInfo(known: Pick<ProfileInfo, 'format'> & Partial<ProfileInfo>): ProfileInfo {
  return {
    engine: known.format,
    engineVersion: '',
    startNs: 0,
    startEpochNs: 0,
    durationNs: 0,
    hasTimeAxis: false,
    lineMeaning: 'none',
    hasColumns: false,
    hasCpu: false,
    rateHzAsked: 0,
    rateHzReached: 0,
    python: '',
    samplerCpuNs: 0,
    unit: 'nanoseconds',
    isTraced: false,
    valueTypes: [],
    valueType: 0,
    limits: [],
    ...known,
  };
}
