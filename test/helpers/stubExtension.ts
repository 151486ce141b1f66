import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

export type StubName = 'debugpy' | 'environments' | 'formatter' | 'python' | 'tests' | 'jupyter';

/** A stub extension of `test/e2e/stubs` as a VSIX, packaged anew when it changed; it is never part of the product. */
export function packageStub(name: StubName): string {
  const vsix = join(process.cwd(), 'out', 'stubs', `${name}.vsix`);
  const cwd = join(process.cwd(), 'test', 'e2e', 'stubs', name);
  if (isNewer(vsix, cwd)) return vsix;
  mkdirSync(dirname(vsix), { recursive: true });
  const vsce = join(process.cwd(), 'node_modules', '@vscode', 'vsce', 'vsce');
  const args = ['package', '--no-dependencies', '--allow-missing-repository', '--out', vsix];
  execFileSync(process.execPath, [vsce, ...args], { cwd, stdio: 'pipe' });
  return vsix;
}

function isNewer(vsix: string, folder: string): boolean {
  const changedAtMs = (path: string) => statSync(path).mtimeMs;
  const files = readdirSync(folder).map(name => join(folder, name));
  return existsSync(vsix) && files.every(file => changedAtMs(file) < changedAtMs(vsix));
}
