/** `node test/unit/run.mjs [filter …]`: the tests of pure code. */
import { runNodeTests } from '../helpers/nodeTests.mjs';

process.exitCode = await runNodeTests('unit', process.argv.slice(2));
