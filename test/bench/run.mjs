/**
 * `npm run bench -- NAME [--json] [--only a,b] [--sizes 10,100]`: runs `test/bench/NAME.ts` and prints its figures;
 * JSON comes last. What `--only` and `--sizes` (megabytes) choose from is the benchmark's own.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { SetupError } from '../helpers/debianPackages.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
process.chdir(root);

try {
  const { values, positionals } = parseArgs({
    options: { json: { type: 'boolean' }, only: { type: 'string' }, sizes: { type: 'string' } },
    allowPositionals: true,
  });
  const options = { only: listOf(values.only), sizes: listOf(values.sizes).map(Number) };
  await main(positionals[0] ?? '', values.json === true, options);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function main(name, isJson, options) {
  const source = join(root, 'test', 'bench', `${name}.ts`);
  if (!existsSync(source)) throw new SetupError(`There is no benchmark «${name}» in test/bench.`);
  const bundle = join(root, 'out', 'bench', `${name}.mjs`);
  await build({
    entryPoints: [source],
    outfile: bundle,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'warning',
  });
  const { measure } = await import(pathToFileURL(bundle).href);
  const figures = await measure(line => console.error(line), options);
  for (const figure of figures) console.log(sentence(figure));
  if (isJson) console.log(JSON.stringify({ name, figures }));
}

function listOf(text) {
  return (text ?? '').split(',').filter(item => item !== '');
}

function sentence({ id, value, unit, goal, ok, peer }) {
  const versus = peer === undefined ? '' : `  (${peer.name}: ${peer.value} ${unit})`;
  return `${ok ? '✓' : '✗'} ${id.padEnd(36)} ${String(value).padStart(8)} ${unit}  goal ${goal}${versus}`;
}
