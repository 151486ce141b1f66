/** `node test/server/run.mjs [filter …]`: the built server, driven as a plain LSP client would. */
import { runNodeTests } from '../helpers/nodeTests.mjs';

process.exitCode = await runNodeTests('server', process.argv.slice(2));
