import type { ProfileInfo } from '../../../shared/profile';
import { boundedAmount, boundedTime, knownAmount } from './bounds';

/** A profile's facts from those that a parser knows; the rest is «unknown» or «no», as are numbers that cannot be. */
export function profileInfo(known: Pick<ProfileInfo, 'format'> & Partial<ProfileInfo>): ProfileInfo {
  const info: ProfileInfo = {
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
    startsMidway: false,
    valueTypes: [],
    valueType: 0,
    limits: [],
    ...known,
  };
  return {
    ...info,
    startNs: boundedTime(info.startNs),
    startEpochNs: boundedTime(info.startEpochNs),
    durationNs: boundedAmount(info.durationNs),
    rateHzAsked: knownAmount(info.rateHzAsked),
    rateHzReached: knownAmount(info.rateHzReached),
    samplerCpuNs: knownAmount(info.samplerCpuNs),
    valueType: info.valueTypes[info.valueType] === undefined ? 0 : info.valueType,
  };
}
