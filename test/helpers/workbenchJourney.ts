import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunManifest } from '../../src/shared/manifest';
import { until, untilValue } from './until';
import { Workbench, type WorkbenchOptions } from './workbench';

/** Folders of the checkout that tests copy into workspaces; tests run with the checkout as working folder. */
export const sampleWorkspace = join(process.cwd(), 'media', 'sample', 'workspace');
export const programs = join(process.cwd(), 'test', 'e2e', 'programs');

/** A workbench with the packaged Pyrolens, as `test/e2e/run.mjs` built it, and with other extensions. */
export function startWorkbench(
  options: Omit<WorkbenchOptions, 'vsixes'>,
  otherVsixes: readonly string[] = [],
): Promise<Workbench> {
  const vsix = process.env['PYROLENS_VSIX'];
  if (vsix === undefined) throw new Error('Run the tests with «npm test -- e2e»: it packages the extension.');
  return Workbench.start({ ...options, vsixes: [vsix, ...otherVsixes] });
}

/**
 * Opens a profile the way that `open` does; resolves when a result editor shows it. A window can be clicked before VS
 * Code knows whose files these are, and takes them for text then: such a tab is closed, and the click repeated. Quick
 * Open would not do: it repeats the editor that a file was last shown in.
 */
export async function openProfile(workbench: Workbench, open: () => Promise<void>): Promise<void> {
  const refusal = workbench.page.locator('.monaco-editor-pane-placeholder, .part.editor .monaco-editor');
  const isText = async () => !(await workbench.result.isOpen()) && (await refusal.count()) > 0;
  await until(
    'the profile in a result editor',
    async () => {
      await open();
      await until('an editor', async () => (await workbench.result.isOpen()) || (await isText()));
      if (await workbench.result.isOpen()) return true;
      await workbench.runCommand('View: Close All Editors');
      return false;
    },
    60_000,
  );
}

const settledMs = 400;

/** Opens a file and profiles it from the palette; resolves when its numbers stand on its lines. */
export async function profile(
  workbench: Workbench,
  path: string,
  command = 'Pyrolens: Profile Current File',
): Promise<void> {
  await workbench.openFile(path);
  await workbench.runCommand(command);
  await untilRecorded(workbench);
  await untilSettled(workbench);
}

/** The live picture's numbers stand there before: those of the whole run have come when nothing changes any more. */
async function untilSettled({ editor }: Workbench): Promise<void> {
  let shown = '';
  let sinceMs = Date.now();
  await until(
    'the final numbers on the lines',
    async () => {
      const now = JSON.stringify(await editor.labels());
      if (now !== shown) sinceMs = Date.now();
      shown = now;
      return now !== '[]' && Date.now() - sinceMs > settledMs;
    },
    30_000,
  );
}

/** Resolves when a run that was started has ended and its result is shown in the status bar. */
export async function untilRecorded(workbench: Workbench, timeoutMs = 90_000): Promise<void> {
  const isShown = (texts: string[]) => texts.some(text => text.startsWith('Timings of'));
  await untilValue('the end of the recording', () => workbench.statusTexts(), isShown, timeoutMs);
}

/** `412 ms · 31%`, `‖ sleep 1.02 s · 40%`, `1.84 s · edited since` in figures. */
export function readLabel(text: string): { durationMs: number; percent: number | undefined } {
  const duration = /([\d.]+) (ns|µs|ms|s)\b/.exec(text);
  const factors: Record<string, number> = { ns: 1e-6, µs: 1e-3, ms: 1, s: 1000 };
  const percent = /· <?([\d.]+)%/.exec(text)?.[1];
  return {
    durationMs: Number(duration?.[1]) * (factors[duration?.[2] ?? ''] ?? Number.NaN),
    percent: percent === undefined ? undefined : Number(percent),
  };
}

/** Manifests of all runs that the workbench's extension has stored, newest first. */
export function storedRuns(workbench: Workbench): { dir: string; manifest: RunManifest }[] {
  return readdirSync(workbench.server.userData, { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('run.pyrolens'))
    .map(path => {
      const file = join(workbench.server.userData, path);
      return { dir: join(file, '..'), manifest: JSON.parse(readFileSync(file, 'utf8')) as RunManifest };
    })
    .sort((a, b) => b.manifest.startedAtMs - a.manifest.startedAtMs);
}
