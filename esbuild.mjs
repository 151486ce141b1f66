/**
 * Builds every bundle into `dist`. `--production` minifies and leaves source maps out, `--watch` rebuilds.
 * Only the extension's own bundles may see `vscode`, so an import of it anywhere else fails the build.
 */

import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { build, context } from 'esbuild';

const isProduction = process.argv.includes('--production');
const isWatch = process.argv.includes('--watch');

const common = {
  bundle: true,
  minify: isProduction,
  sourcemap: isProduction ? false : 'linked',
  logLevel: 'warning',
  legalComments: 'none',
  metafile: true,
};
const node = { ...common, platform: 'node', format: 'cjs', target: 'node20' };

const bundles = [
  {
    ...node,
    entryPoints: { extension: 'src/extension.ts' },
    external: ['vscode', './application.js'],
  },
  {
    ...node,
    entryPoints: { application: 'src/host/application.ts' },
    external: ['vscode', './client.js'],
  },
  { ...node, entryPoints: { client: 'src/host/languageClient.ts' }, external: ['vscode'] },
  { ...node, entryPoints: { server: 'src/server/main.ts' } },
  { ...node, entryPoints: { launcher: 'src/recorder/launcher.ts' } },
  { ...node, entryPoints: { observer: 'src/observer/main.ts' } },
  { ...node, entryPoints: { cli: 'src/cli/main.ts' } },
  {
    ...common,
    entryPoints: { webview: 'webview/main.ts' },
    platform: 'browser',
    format: 'esm',
    target: 'chrome120',
    loader: { '.svg': 'text' },
  },
].map(options => ({ ...options, outdir: 'dist' }));

if (isProduction) rmSync('dist', { recursive: true, force: true });
mkdirSync('dist', { recursive: true });
copyCollectors();
// Where Node looks for it first: else it reads our manifest of fifty kilobytes for each bundle that it loads.
writeFileSync('dist/package.json', '{"type":"commonjs"}\n');

if (isWatch) {
  for (const options of bundles) await (await context(options)).watch();
} else {
  const results = await Promise.all(bundles.map(options => build(options)));
  const outputs = Object.assign({}, ...results.map(result => result.metafile.outputs));
  writeFileSync('dist/sizes.json', JSON.stringify(sizesOf(outputs), null, 2));
}

/** The Python collectors ship as source: only files that the interpreter needs. */
function copyCollectors() {
  cpSync('src/collectors', 'dist/collectors', {
    recursive: true,
    filter: path => !/__pycache__|\.pyc$|FORMAT\.md$/.test(path),
  });
}

function sizesOf(outputs) {
  return Object.fromEntries(Object.entries(outputs).map(([path, output]) => [path, output.bytes]));
}
