/** Builds the webview and serves it with a host that stands in for VS Code, on a free loopback port. */

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { build } from 'esbuild';
import { themes } from './themes.mjs';

const root = new URL('../../../', import.meta.url).pathname;

const fakeHost = 'test/helpers/webviewHarness/fakeHost.ts';

/**
 * Starts serving; `url(query)` makes addresses, `close` ends it. Production builds are minified as shipped. Another `host`
 * may ask questions by POST, which `answer(path, text)` answers with bytes or text.
 */
export async function serveWebview({ host = fakeHost, answer = undefined } = {}) {
  const files = await bundle(host);
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://harness');
    if (request.method === 'POST' && answer) {
      response.end(await answer(pathname, await textOf(request)));
      return;
    }
    const file = files.get(pathname);
    if (file) {
      response.writeHead(200, { 'content-type': file.type });
      response.end(file.bytes);
      return;
    }
    response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': policy });
    response.end(pageFor(searchParams.get('theme') ?? 'dark'));
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = server.address();
  return {
    url: query => `http://127.0.0.1:${port}/?${new URLSearchParams(query)}`,
    close: () => server.close(),
    bytes: files.get('/webview.js').bytes.length,
  };
}

/** As strict as the host's: no inline scripts, no eval. The toolkit probes `:focus-visible` with a nonced style. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-harness'; font-src 'self'; connect-src 'self'";

async function textOf(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

async function bundle(host) {
  const result = await build({
    absWorkingDir: root,
    entryPoints: { webview: 'webview/main.ts', fakeHost: host },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'chrome120',
    write: false,
    outdir: 'out',
    loader: { '.svg': 'text' },
    logLevel: 'warning',
  });
  const files = new Map();
  for (const file of result.outputFiles) {
    const name = `/${file.path.split('/').pop()}`;
    files.set(name, { bytes: file.contents, type: name.endsWith('.css') ? 'text/css' : 'text/javascript' });
  }
  for (const name of Object.keys(themes)) {
    files.set(`/theme-${name}.css`, { bytes: Buffer.from(themeCss(name)), type: 'text/css' });
  }
  return files;
}

function themeCss(name) {
  const theme = themes[name];
  const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
  const contributed = manifest.contributes.colors.map(color => [
    color.id.replaceAll('.', '-'),
    color.defaults[theme.manifestKey],
  ]);
  const lines = [...Object.entries(theme.variables), ...contributed].map(
    ([key, value]) => `--vscode-${key}: ${value};`,
  );
  return `:root { ${lines.join(' ')} color-scheme: ${/light/i.test(name) ? 'light' : 'dark'} }`;
}

function pageFor(theme) {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta property="csp-nonce" content="harness"><title>Pyrolens</title>
<link rel="stylesheet" href="theme-${theme}.css"><link rel="stylesheet" href="webview.css"></head>
<body class="${themes[theme].bodyClass}"><div id="app"></div>
<script type="module" src="fakeHost.js"></script><script type="module" src="webview.js"></script></body></html>`;
}
