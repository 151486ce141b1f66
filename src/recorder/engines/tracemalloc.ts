import { launchedRecorder } from './launchedRecorder';

const partName = /^profile-tracemalloc_\d+\.jsonl$/;

/** Python's own account of its allocations: what the program holds when it ends or is stopped, by stack. */
export const tracemalloc = launchedRecorder({
  name: 'tracemalloc',
  scriptWords: ['record_memory.py', 'tracemalloc'],
  savedName: partName,
  partName,
});
