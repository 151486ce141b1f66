import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

export type StubName = 'debugpy' | 'environments' | 'formatter' | 'python' | 'tests' | 'jupyter';

/** A stub extension of `test/e2e/stubs` as a VSIX; it is never part of the product. */
export function packageStub(name: StubName): string {
  const vsix = join(process.cwd(), 'out', 'stubs', `${name}.vsix`);
  mkdirSync(dirname(vsix), { recursive: true });
  const vsce = join(process.cwd(), 'node_modules', '@vscode', 'vsce', 'vsce');
  const args = ['package', '--no-dependencies', '--allow-missing-repository', '--out', vsix];
  const cwd = join(process.cwd(), 'test', 'e2e', 'stubs', name);
  execFileSync(process.execPath, [vsce, ...args], { cwd, stdio: 'pipe' });
  return vsix;
}
