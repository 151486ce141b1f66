import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { placeFor } from '../../../../src/host/debug/consolePlaces';
import type { TerminalRequests } from '../../../../src/host/debug/profilingAdapter';
import type { TerminalLaunch } from '../../../../src/host/terminal';
import type { FromLauncher } from '../../../../src/recorder/controlMessages';
import { until } from '../../../helpers/until';
import { temporaryFolder } from '../../recorder/launcherRig';

/** In the launcher's place: says its words, and that it records, to whom it was told. */
function fakeLauncher(folder: string): string {
  const path = join(folder, 'launcher.js');
  writeFileSync(
    path,
    `const words = process.argv.slice(2);
console.log(words.join(' '));
console.error('on stderr');
const pipe = require('node:net').connect(words.at(-1));
pipe.end(JSON.stringify({ type: 'recording' }) + '\\n');
`,
  );
  return path;
}

function session() {
  const folder = temporaryFolder();
  const [messages, output]: [FromLauncher[], string[]] = [[], []];
  const asked: Parameters<TerminalRequests['runInTerminal']>[0][] = [];
  const requests: TerminalRequests = {
    output: (text, category) => output.push(`${category}: ${text}`),
    runInTerminal: async run => {
      asked.push(run);
    },
  };
  const launch: TerminalLaunch = {
    title: 'app.py',
    cwd: folder,
    runDir: join(folder, 'run'),
    handlers: { onMessage: message => messages.push(message), onClosed: () => undefined },
  };
  return { launcher: fakeLauncher(folder), requests, launch, messages, output, asked };
}

describe('the console of a launch configuration', () => {
  it('is one of our own terminals, unless it says otherwise', () => {
    const { launcher, requests } = session();
    assert.equal(placeFor('integratedTerminal', launcher, requests), undefined);
  });

  it('is a terminal outside of the editor, which the editor is asked for', async () => {
    const { launcher, requests, launch, messages, asked } = session();
    await placeFor('externalTerminal', launcher, requests)?.launch(launch);
    const [run] = asked;
    assert.deepEqual([asked.length, run?.title, run?.cwd], [1, launch.title, launch.cwd]);
    const [program = '', ...args] = run?.args ?? [];
    assert.deepEqual(args.slice(0, 3), [launcher, launch.runDir, '--hold']);
    // What the terminal does with it.
    const terminal = spawn(program, args, { cwd: run?.cwd, env: { ...process.env, ...run?.env } });
    await until('the launcher’s word', () => messages.some(({ type }) => type === 'recording'));
    await until('its end', () => terminal.exitCode === 0);
  });

  it('is the Debug Console, where the program’s two outputs are told apart', async () => {
    const { launcher, requests, launch, messages, output } = session();
    await placeFor('internalConsole', launcher, requests)?.launch(launch);
    await until('the launcher’s word', () => messages.some(({ type }) => type === 'recording'));
    await until('its output', () => output.includes('stderr: on stderr\n'));
    assert.ok(output.some(text => text.startsWith(`stdout: ${launch.runDir} --json-lines-to`)));
  });
});
