/**
 * `npm run fuzz [-- --seconds 120 --seed N --only FORMAT --json]`: damaged files for every parser. What is found is
 * kept in `test/fuzz/cases` and replayed by the unit tests.
 */
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
process.chdir(root);
const bundle = join(root, 'out', 'fuzz', 'main.mjs');
await build({
  entryPoints: [join('test', 'fuzz', 'main.ts')],
  outfile: bundle,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  logLevel: 'warning',
});
await import(pathToFileURL(bundle).href);
