import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { adviceFor, sayEnglish } from '../../../../src/cli/engineWords';
import { examine } from '../../../../src/recorder/preflight/doctor';
import { doctorText } from '../../../../src/recorder/preflight/doctorText';
import { engineNames } from '../../../../src/shared/engines';
import { factsOf, type World } from './factsRig';

async function reportOn(world: World) {
  const report = await examine(factsOf(world), '/data/tools');
  return { report, ...doctorText(report, sayEnglish, adviceFor) };
}

const worlds: Readonly<Record<string, World>> = {
  'an ordinary machine': {},
  'a machine without tools': { has: [] },
  macOS: { machine: { platform: 'darwin' } },
  Windows: { machine: { platform: 'win32' } },
  'Yama 2': { machine: { ptraceScope: 2 } },
  'Yama 3': { machine: { ptraceScope: 3 } },
  'a container': { machine: { canHavePtraceRight: false, childProbe: 'refused' } },
  'a free-threaded build': { python: { version: '3.14.0', isFreeThreaded: true } },
  'a newer Python': { python: { version: '3.15.0' } },
  PyPy: { python: { implementation: 'pypy', version: '3.10.2' } },
};

describe('Doctor’s report', () => {
  for (const [name, world] of Object.entries(worlds)) {
    it(`has a whole sentence and a way out for whatever cannot run on ${name}`, async () => {
      const { report, text, lineOfEngine } = await reportOn(world);
      assert.doesNotMatch(text, /[{}]|undefined/);
      assert.deepEqual(
        report.engines.map(({ engine }) => engine),
        engineNames,
      );
      const lines = text.split('\n');
      for (const [index, { label, tool, offers }] of report.engines.entries()) {
        const line = lines[lineOfEngine[index] ?? -1] ?? '';
        assert.ok(line.startsWith(`${tool ? '✓' : '✗'} ${label}`), line);
        assert.equal(offers.length > 0, tool === null);
      }
    });
  }

  it('says who may look into what', async () => {
    const ordinary = await reportOn({});
    assert.match(
      ordinary.text,
      /✓ programs that Pyrolens starts +profilers may look into them from outside\n/,
    );
    assert.match(
      ordinary.text.replace(/\s+/g, ' '),
      /✗ programs that run already This system lets a profiler from outside look only into programs that Pyrolens/,
    );
    const mac = await reportOn({ machine: { platform: 'darwin' } });
    assert.match(mac.text.replace(/\s+/g, ' '), /✗ programs that Pyrolens starts macOS lets only root look/);
  });

  it('says what «auto» comes to, or that it comes to nothing', async () => {
    const { text } = await reportOn({ python: { version: '3.15.0', isFreeThreaded: true } });
    assert.match(text, /CPython 3\.15\.0, free-threaded/);
    assert.match(text, /«auto» is profiling\.sampling: chosen because it alone is safe/);
    const none = await reportOn({ python: { version: '3.13.0', isFreeThreaded: true } });
    assert.match(none.text, /«auto» is none: This Python is a free-threaded build\./);
  });
});
