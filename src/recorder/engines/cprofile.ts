import { launchedRecorder } from './launchedRecorder';

/** Python's own deterministic profiler. */
export const cprofile = launchedRecorder({
  name: 'cprofile',
  scriptWords: ['count_calls.py'],
  savedName: pid => `calls-${pid}.json`,
  partName: /^calls-\d+\.(?:pstats|json)$/,
});
