import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findGaps } from '../../../src/server/analyze/gaps/findGaps';
import { packageTool } from '../../helpers/engineTools.mjs';
import { localPythons } from '../../helpers/localPythons';
import { readRun } from '../../helpers/runLines';
import { launch } from './launcherRig';

const source = `import asyncio, time, uvloop
async def nap():
    await asyncio.sleep(0.02)
    time.sleep(0.06)
async def work():
    for _ in range(8):
        await nap()
async def rest():
    await asyncio.sleep(0.6)
async def main():
    await asyncio.gather(asyncio.create_task(work(), name="worker"), asyncio.create_task(rest(), name="rester"))
START
`;
const blockingLine = 4;
const pythons = localPythons().filter(({ version }) => ['3.9', '3.12', '3.14'].includes(version));

for (const { path, version } of process.platform === 'linux' ? pythons : []) {
  describe(`a program on uvloop under Python ${version}`, () => {
    for (const start of [
      'asyncio.set_event_loop_policy(uvloop.EventLoopPolicy()); asyncio.run(main())',
      'uvloop.run(main())',
    ]) {
      it(`has lanes for its tasks, and what blocks its loop is found: ${start}`, async () => {
        const { env } = packageTool('uvloop', version);
        const program = await launch({
          source: source.replace('START', start),
          interpreter: [path],
          ...(env === undefined ? {} : { env }),
        });
        assert.deepEqual(await program.exit(), { code: 0, signal: null }, program.output());
        const { profile, problems } = await readRun(program.runDir);
        assert.deepEqual(problems, []);
        const tasks = profile.lanes.filter(({ kind }) => kind === 'task').map(({ name }) => name);
        assert.ok(tasks.includes('worker') && tasks.includes('rester'), tasks.join());
        const lines = source.split('\n');
        const { gaps } = findGaps(profile, () => lines);
        const blocking = [...gaps].filter(({ isLoopBlocked, role }) => isLoopBlocked && role === 'culprit');
        const blamed = new Set(blocking.map(({ victimFrame }) => profile.frames.line[victimFrame]));
        assert.ok(blamed.has(blockingLine), [...blamed].join());
        const blockedNs = blocking
          .filter(({ victimFrame }) => profile.frames.line[victimFrame] === blockingLine)
          .reduce((sum, { startNs, endNs }) => sum + endNs - startNs, 0);
        assert.ok(blockedNs > 0.3e9 && blockedNs < 0.9e9, `${blockedNs / 1e6} ms of 480`);
      });
    }
  });
}
