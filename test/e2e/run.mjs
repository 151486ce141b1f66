/**
 * `node test/e2e/run.mjs [filter …] [--pictures]`: the journeys in a real workbench, one test file at a time.
 * `--pictures` also refreshes the README's pictures in `docs/pictures`.
 */
import { buildVsix } from '../helpers/buildVsix.mjs';
import { SetupError } from '../helpers/debianPackages.mjs';
import { runNodeTests } from '../helpers/nodeTests.mjs';
import { ensureChromium, installWorkbench } from '../helpers/workbenchInstall.mjs';

const args = process.argv.slice(2);
if (args.includes('--pictures')) process.env['PYROLENS_PICTURES'] = '1';

try {
  await installWorkbench(console.log);
  ensureChromium(console.log);
  process.env['PYROLENS_VSIX'] = buildVsix(console.log);
  const filters = args.filter(arg => !arg.startsWith('--'));
  process.exitCode = await runNodeTests('e2e', filters, { concurrency: 1, timeoutMs: 1_200_000 });
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
