import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chooseEngine, plannedTool } from '../../../../src/recorder/preflight/chooseEngine';
import { isObservable } from '../../../../src/recorder/preflight/observable';
import { type AskedEngine, engineNames } from '../../../../src/shared/engines';
import { factsOf, ready, type World } from './factsRig';

/** `py-spy`, or the cause and the offers: `programMissing: install py-spy, bundled-sampler`. */
async function decided(asked: AskedEngine, world: World): Promise<string> {
  const verdict = await chooseEngine(asked, factsOf(world));
  if (verdict.kind === 'chosen') return `${verdict.engine}, ${verdict.why.text}`;
  const offers = verdict.offers.map(offer => {
    if (offer.kind === 'selectInterpreter') return 'another interpreter';
    return offer.kind === 'install' ? `install ${offer.engine}` : offer.engine;
  });
  return `${verdict.cause.text}: ${offers.join(', ')}`;
}

const freeThreaded = (version: string) => ({ version, isFreeThreaded: true });

describe('the engine of «auto»', () => {
  it('is the bundled sampler, whatever else is there', async () => {
    for (const version of ['3.9.18', '3.12.1', '3.15.0', '3.16.0']) {
      assert.equal(await decided('auto', { python: { version } }), 'bundled-sampler, whyAuto', version);
    }
    for (const platform of ['linux', 'darwin', 'win32', 'freebsd']) {
      assert.equal(await decided('auto', { machine: { platform } }), 'bundled-sampler, whyAuto', platform);
    }
    assert.equal(await decided('auto', { python: { implementation: 'pypy' } }), 'bundled-sampler, whyAuto');
  });

  it('starts no process to be chosen', async () => {
    const fail = () => Promise.reject(new Error('asked'));
    const facts = { ...factsOf({}), machine: fail };
    assert.equal((await chooseEngine('auto', facts)).kind, 'chosen');
  });

  it('is profiling.sampling on free-threaded builds, which alone is safe there', async () => {
    const python = freeThreaded('3.15.0');
    assert.equal(await decided('auto', { python }), 'tachyon, whyAutoFreeThreaded');
    assert.equal(await decided('auto', { python, has: [] }), 'programMissing: another interpreter');
    assert.equal(
      await decided('auto', { python, machine: { platform: 'darwin' } }),
      'macRoot: another interpreter',
    );
  });

  it('is none on older free-threaded builds, and says why', async () => {
    assert.equal(
      await decided('auto', { python: freeThreaded('3.13.0') }),
      'freeThreadedAuto: another interpreter',
    );
  });
});

describe('the engine of «auto» where it is to look from outside', () => {
  const chosen = async (world: World) => {
    const verdict = await chooseEngine('auto', factsOf(world), 'observer');
    return verdict.kind === 'chosen' ? [verdict.engine, verdict.substitute] : verdict.cause.text;
  };

  it('is the observer on Linux, with a substitute in case that it may not', async () => {
    assert.deepEqual(await chosen({}), ['observer', 'bundled-sampler']);
    const refused = { canHavePtraceRight: false, childProbe: 'refused' } as const;
    assert.deepEqual(await chosen({ machine: refused }), ['observer', 'bundled-sampler']);
  });

  it('is the bundled sampler elsewhere, and for what cannot be read from outside', async () => {
    for (const platform of ['darwin', 'win32'])
      assert.deepEqual(await chosen({ machine: { platform } }), ['bundled-sampler', undefined], platform);
    for (const python of [{ implementation: 'pypy' }, { version: '3.16.0' }])
      assert.deepEqual(await chosen({ python }), ['bundled-sampler', undefined]);
  });

  it('is the bundled sampler where the machine does not tell the observer enough', async () => {
    assert.deepEqual(await chosen({ isObservable: false }), ['bundled-sampler', undefined]);
    assert.equal(isObservable('s390x'), false);
  });

  it('is profiling.sampling without a GIL', async () => {
    assert.deepEqual(await chosen({ python: freeThreaded('3.15.0') }), ['tachyon', undefined]);
  });

  it('starts no process to be chosen', async () => {
    const facts = { ...factsOf({}), machine: () => Promise.reject(new Error('asked')) };
    assert.equal((await chooseEngine('auto', facts, 'observer')).kind, 'chosen');
  });
});

describe('an engine that is asked for', () => {
  it('is used when it can run, with the command that was found', async () => {
    for (const engine of engineNames.filter(name => name !== 'tachyon')) {
      const verdict = await chooseEngine(engine, factsOf({}));
      assert.ok(verdict.kind === 'chosen', engine);
      assert.deepEqual([verdict.engine, verdict.tool.command], [engine, ready.command]);
    }
    assert.equal(await decided('tachyon', { python: { version: '3.15.0' } }), 'tachyon, whyAsked');
  });

  for (const [title, asked, world, expected] of [
    ['is not there', 'py-spy', { has: [] }, 'programMissing: install py-spy, bundled-sampler'],
    ['is not there, for memory', 'memray', { has: [] }, 'programMissing: install memray, tracemalloc'],
    [
      'comes with a Python that has split it off',
      'tachyon',
      { python: { version: '3.15.0' }, has: [] },
      'programMissing: bundled-sampler',
    ],
    ['needs a newer Python', 'tachyon', {}, 'pythonTooOldFor: bundled-sampler'],
    [
      'needs an older Python',
      'py-spy',
      { python: { version: '3.15.0' } },
      'pythonTooNewFor: bundled-sampler',
    ],
    ['misreads this Python', 'austin', { python: { version: '3.12.1' } }, 'pythonMisread: bundled-sampler'],
    ['needs CPython', 'viztracer', { python: { implementation: 'pypy' } }, 'needsCpython: bundled-sampler'],
    ['does not run on Windows', 'memray', { machine: { platform: 'win32' } }, 'otherSystem: tracemalloc'],
    ['may not look, on macOS', 'austin', { machine: { platform: 'darwin' } }, 'macRoot: bundled-sampler'],
    ['may not look, under Yama 2', 'austin', { machine: { ptraceScope: 2 } }, 'yamaAdmin: bundled-sampler'],
    [
      'may not look, in a container',
      'py-spy',
      { machine: { canHavePtraceRight: false, childProbe: 'refused' } },
      'containerPtrace: bundled-sampler',
    ],
    [
      'cannot look at threads without a GIL',
      'py-spy',
      { python: freeThreaded('3.14.0') },
      'freeThreaded: another interpreter',
    ],
    [
      'is the bundled sampler, without a GIL',
      'bundled-sampler',
      { python: freeThreaded('3.15.0') },
      'freeThreaded: tachyon',
    ],
  ] as const satisfies readonly (readonly [string, AskedEngine, World, string])[]) {
    it(`is refused when it ${title}, with what helps`, async () => {
      assert.equal(await decided(asked, world), expected);
    });
  }

  it('needs no permission when it works inside the program', async () => {
    const machine = { platform: 'darwin' };
    assert.equal(await decided('viztracer', { machine }), 'viztracer, whyAsked');
    assert.equal(await decided('memray', { machine }), 'memray, whyAsked');
  });
});

describe('the tool in a launch plan', () => {
  const inFolder = { ...ready, pythonPath: '/tools/viztracer-cp312' };
  const inherited = { PYTHONPATH: '/a' };

  it('is its command and its version', () => {
    const { tool, toolVersion } = plannedTool(ready);
    assert.deepEqual([tool, toolVersion], [ready.command, ready.version]);
  });

  it('is found in our own folder before anything else, and the program keeps what it has', () => {
    const environment = (changes: Readonly<Record<string, string | null>>) =>
      plannedTool(inFolder, changes, inherited).env;
    assert.deepEqual(environment({}), { PYTHONPATH: '/tools/viztracer-cp312:/a' });
    assert.deepEqual(environment({ X: '1', PYTHONPATH: '/b' }), {
      X: '1',
      PYTHONPATH: '/tools/viztracer-cp312:/b',
    });
    assert.deepEqual(environment({ PYTHONPATH: null }), { PYTHONPATH: '/tools/viztracer-cp312' });
  });

  it('changes no environment anywhere else', () => {
    assert.deepEqual(plannedTool(ready, { X: null }, inherited).env, { X: null });
  });
});
