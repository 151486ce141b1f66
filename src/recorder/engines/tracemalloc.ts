import { launchedRecorder } from './launchedRecorder';

/** Python's own account of its allocations: what each process holds when it ends or is stopped, by stack. */
export const tracemalloc = launchedRecorder({
  name: 'tracemalloc',
  scriptWords: ['record_memory.py', 'tracemalloc'],
  savedName: pid => `profile-tracemalloc_${pid}.jsonl`,
  partName: /^profile-tracemalloc_\d+\.jsonl$/,
});
