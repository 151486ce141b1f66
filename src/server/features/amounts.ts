import { formatCount, formatValue } from '../../shared/formatting';
import type { ProfileInfo } from '../../shared/profile';
import { say } from '../strings';

/** What 100 % is, with the name of what is counted: `5.61 s`, `1.84 MB`, `426 samples`, `12,391 allocations`. */
export function wholeText(info: ProfileInfo, whole = info.durationNs): string {
  const text = formatValue(whole, info.unit);
  if (info.unit !== 'count') return text;
  const name = info.valueTypes[info.valueType]?.name;
  return name === undefined ? say('lensSamples', text) : `${text} ${name}`;
}

/** `1 call`, `1,204 calls`. */
export function callsText(callCount: number): string {
  return say(callCount === 1 ? 'lensCall' : 'lensCalls', formatCount(callCount));
}
