/** Formats are told by content: every recorded file is taken for what it is, whatever its name. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fixtureBytes, formatOf, profilesFolder } from '../../../helpers/parsing';

/** The format of all files in a folder; in `agreement`, of the file with this beginning. */
const formatOfFolder: Readonly<Record<string, string>> = {
  austinText: 'Austin text',
  chrometrace: 'Chrome trace',
  collapsed: 'collapsed stacks',
  cpuprofile: 'V8 CPU profile',
  gecko: 'Firefox Profiler',
  memoryTable: 'Pyrolens memory table',
  memrayCsv: 'memray CSV',
  mojo: 'Austin MOJO',
  perfScript: 'perf script',
  pprof: 'pprof',
  scalene: 'Scalene',
  speedscope: 'speedscope',
  tachyon: 'Tachyon binary',
  viztracer: 'Chrome trace',
  'austin-text': 'Austin text',
  austin4: 'Austin MOJO',
  cprofile: 'pstats',
  ddtrace: 'pprof',
  'node.cpuprofile': 'V8 CPU profile',
  'node.pprof': 'pprof',
  'perf-script': 'perf script',
  'py-spy-chrometrace': 'Chrome trace',
  'py-spy-speedscope': 'speedscope',
  'py-spy': 'collapsed stacks',
  'pyinstrument-json': 'pyinstrument',
  'pyinstrument-session': 'pyinstrument',
  'pyinstrument-speedscope': 'speedscope',
  pyroscope: 'pprof',
  'tachyon-gecko': 'Firefox Profiler',
  'tachyon-zstd': 'Tachyon binary',
  'tachyon.collapsed': 'collapsed stacks',
  'tachyon.jsonl': 'Tachyon JSON lines',
  'tachyon.pstats': 'pstats',
  'tachyon.bin': 'Tachyon binary',
  tracer: 'chunk-stream',
  'vmprof-firefox': 'Firefox Profiler',
};

for (const folder of readdirSync(profilesFolder)) {
  // Zstandard is seen through before a format is asked; what was replayed or is to be found in a file is no recording.
  const names = readdirSync(join(profilesFolder, folder)).filter(
    name => !/\.zst$|replayed|\.golden\.txt$/.test(name),
  );
  for (const name of names) {
    test(`${folder}/${name} is known by its content`, () => {
      const key = folder === 'agreement' ? name.replace(/\.gz$/, '') : folder;
      const format = formatOfFolder[key] ?? formatOfFolder[key.replace(/\.[^.]*$/, '')];
      assert.ok(format, `which format has ${name}?`);
      assert.equal(formatOf(fixtureBytes(join(folder, name))), format);
    });
  }
}
