/** The typed table of the engines, `src/shared/engines.ts`, for scripts. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, '..', '..', 'src', 'shared', 'engines.ts');
const { outputFiles } = await build({ entryPoints: [source], bundle: true, format: 'esm', write: false });
const text = Buffer.from(outputFiles[0].contents).toString('base64');

/** @type {import('../../src/shared/engines').EngineFacts[]} */
export const { engineTable } = await import(`data:text/javascript;base64,${text}`);
