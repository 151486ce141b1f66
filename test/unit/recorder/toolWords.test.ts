import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type EngineTarget, engineNamed } from '../../../src/recorder/engines/index';
import { requireFreeWords } from '../../../src/recorder/engines/toolWords';
import { checkEngineArguments } from '../../../src/shared/engineArguments';
import { type EngineName, engineNames } from '../../../src/shared/engines';
import { PyrolensError } from '../../../src/shared/failures';

const target: EngineTarget = {
  interpreter: ['python3'],
  entry: { kind: 'script', path: '/work/app.py' },
  args: ['--output', 'mine'],
  runDir: '/runs/1',
  collectorsDir: '/collectors',
  rateHz: 100,
  options: { children: true, native: true },
  tool: ['tool'],
};

/** What Pyrolens says to the engine's tool, without the program's own words. */
function wordsFor(engine: EngineName): string[] {
  const { sampler, commandLine } = engineNamed(engine);
  const words = sampler ? sampler.commandLine(target, 7) : commandLine(target);
  const program = words.lastIndexOf('/work/app.py');
  return program < 0 ? words : words.slice(0, program);
}

describe('words of the user’s own for a tool', () => {
  for (const engine of ['py-spy', 'austin', 'tachyon', 'viztracer'] as const) {
    it(`stand on the command line of ${engine}, before the program`, () => {
      const { sampler, commandLine } = engineNamed(engine);
      const mine = { ...target, options: { ...target.options, words: ['--mine', '5'] } };
      const words = sampler ? sampler.commandLine(mine, 7) : commandLine(mine);
      const at = words.indexOf('--mine');
      assert.ok(at > 0 && words[at + 1] === '5');
      assert.ok(!words.includes('/work/app.py') || at < words.indexOf('/work/app.py'));
      assert.ok(engine !== 'tachyon' || words.at(-1) === '7', 'its process id is its last word');
    });

    it(`may not say again what Pyrolens says to ${engine} about what is written, and where`, () => {
      const said = wordsFor(engine).filter(word =>
        /^--(?:output|format|pid|binary|compression|.*rate|interval)/.test(word),
      );
      assert.ok(said.length > 0);
      for (const word of said) {
        for (const written of [word, `${word}=x`]) {
          assert.throws(
            () => requireFreeWords(engine, ['--mine', written]),
            (error: unknown) =>
              error instanceof PyrolensError &&
              error.code === 'engineArgument' &&
              error.facts['word'] === written,
          );
        }
      }
    });
  }

  it('are left alone otherwise', () => {
    requireFreeWords('py-spy', ['--gil', '--nonblocking', '--native']);
    requireFreeWords('viztracer', ['--max_stack_depth', '10', '--include_files', './src']);
    for (const engine of engineNames) requireFreeWords(engine, []);
  });
});

describe('engines’ arguments in the settings', () => {
  it('are lists of texts by engine; anything else is left out', () => {
    assert.deepEqual(
      checkEngineArguments({ 'py-spy': ['--gil'], austin: '-x', perf: ['-g'], viztracer: [1] }),
      {
        'py-spy': ['--gil'],
      },
    );
    for (const value of [undefined, null, 3, 'x', []]) assert.deepEqual(checkEngineArguments(value), {});
  });
});
