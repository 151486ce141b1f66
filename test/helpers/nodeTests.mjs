/**
 * Bundles TypeScript test files with esbuild and runs them with `node --test`: one readable report on the
 * terminal and one for machines (`out/logs/<suite>.tap`), from which `test/run.mjs` takes the counts.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { build } from 'esbuild';
import { runWithSecondChance } from './secondChance.mjs';
import { readTap } from './tapCounts.mjs';
import { repositoryRoot } from './workbenchInstall.mjs';

/**
 * Runs `test/<suite>/**\/*.test.ts` whose path contains one of `filters` (all when there are none), `concurrency`
 * files at a time, each in a Node of its own. Of a whole suite, what failed has a second chance
 * (`runWithSecondChance`), of which the report's last lines tell. Resolves to the exit code: 0 when tests ran and all
 * passed.
 */
export async function runNodeTests(suite, filters, { concurrency = 2, timeoutMs = 600_000 } = {}) {
  const bundled = await bundledFiles(suite, filters);
  if (bundled.length === 0) return 1;
  if (filters.length > 0) return nodeTest(bundled, { tap: tapOf(suite), concurrency, timeoutMs });
  const run = file => runFile(file, { suite, isWhole: concurrency > 1, timeoutMs });
  const { code, tap } = await runWithSecondChance(bundled, run, { concurrency });
  writeFileSync(tapOf(suite), tap);
  const { passed, failed, skipped, notes } = readTap(tap);
  console.log([`${suite}: ${passed} passed, ${failed} failed, ${skipped} skipped`, ...notes].join('\n  '));
  return code;
}

/** One file's `{ code, tap }`; the readable report comes as it is written, or `isWhole` at the end. */
async function runFile(file, { suite, isWhole, timeoutMs }) {
  const name = relative(repositoryRoot, file).replaceAll(/[\\/]/g, '-');
  const tap = `${tapOf(suite)}.${name}`;
  rmSync(tap, { force: true });
  const code = await nodeTest([file], { tap, concurrency: 1, timeoutMs, isWhole });
  const result = { code, tap: existsSync(tap) ? readFileSync(tap, 'utf8') : '' };
  rmSync(tap, { force: true });
  return result;
}

/** Where the report for machines goes. */
function tapOf(suite) {
  const logs = resolve(repositoryRoot, 'out', 'logs');
  mkdirSync(logs, { recursive: true });
  return join(logs, `${suite}.tap`);
}

/** The suite's test files that match, ready to run; none is told. */
async function bundledFiles(suite, filters) {
  const folder = join(repositoryRoot, 'test', suite);
  const files = testFilesBelow(folder).filter(file => matches(relative(folder, file), filters));
  if (files.length === 0) {
    console.error(`No test below test/${suite} matches ${filters.join(' ') || '*.test.ts'}.`);
    return [];
  }
  return bundle(suite, files);
}

function testFilesBelow(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.test.ts') && !path.includes('node_modules'))
    .map(path => join(folder, path))
    .sort();
}

function matches(path, filters) {
  return filters.length === 0 || filters.some(filter => path.includes(filter));
}

async function bundle(suite, files) {
  const outdir = join(repositoryRoot, 'out', 'test', suite);
  rmSync(outdir, { recursive: true, force: true });
  await build({
    entryPoints: files,
    outdir,
    outbase: join(repositoryRoot, 'test', suite),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    logLevel: 'warning',
    loader: { '.svg': 'text' },
  });
  return files.map(file =>
    join(outdir, relative(join(repositoryRoot, 'test', suite), file).replace(/\.ts$/, '.mjs')),
  );
}

function nodeTest(files, { tap, concurrency, timeoutMs, isWhole = false }) {
  const args = [
    '--test',
    `--test-concurrency=${concurrency}`,
    ...(timeoutMs > 0 ? [`--test-timeout=${timeoutMs}`] : []),
    '--enable-source-maps',
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    '--test-reporter=tap',
    `--test-reporter-destination=${tap}`,
    ...files,
  ];
  const stdio = isWhole ? ['inherit', 'pipe', 'pipe'] : 'inherit';
  const child = spawn(process.execPath, args, { cwd: repositoryRoot, stdio });
  const heldBack = [];
  child.stdout?.on('data', data => heldBack.push([process.stdout, data]));
  child.stderr?.on('data', data => heldBack.push([process.stderr, data]));
  return new Promise(resolveCode => {
    child.on('close', code => {
      for (const [stream, data] of heldBack) stream.write(data);
      resolveCode(code ?? 1);
    });
  });
}
