import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { mostRepeatedFiles, runWithSecondChance } from '../../helpers/secondChance.mjs';
import { readTap } from '../../helpers/tapCounts.mjs';

const folder = mkdtempSync(join(tmpdir(), 'pyrolens second chance '));
let runs: string[] = [];
after(() => rmSync(folder, { recursive: true, force: true }));

/** A test file; in it `isFirst` is true when it runs for the first time. */
function testFile(name: string, body: string): string {
  const file = join(folder, `${name}.test.mjs`);
  writeFileSync(
    file,
    `import assert from 'node:assert';
     import { existsSync, writeFileSync } from 'node:fs';
     import { describe, it } from 'node:test';
     const mark = ${JSON.stringify(`${file}.mark`)};
     const isFirst = !existsSync(mark);
     writeFileSync(mark, '');
     ${body}`,
  );
  rmSync(`${file}.mark`, { force: true });
  return file;
}

const good = (name: string) => testFile(name, `it('${name} works', () => {});`);
const bad = (name: string) => testFile(name, `it('${name} works', () => assert.fail());`);
const moody = (name: string) => testFile(name, `it('${name} works', () => assert.ok(!isFirst));`);

/** Runs a file under the real `node --test`, which this very test must not seem to be. */
async function runFile(file: string) {
  runs.push(basename(file, '.test.mjs'));
  const tap = join(folder, 'report.tap');
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const args = ['--test', '--test-reporter=tap', `--test-reporter-destination=${tap}`, file];
  const { status } = spawnSync(process.execPath, args, { env });
  return { code: status ?? 1, tap: readFileSync(tap, 'utf8') };
}

async function suiteOf(...files: string[]) {
  const { code, tap } = await runWithSecondChance(files, runFile);
  const { passed, failed, skipped, notes } = readTap(tap);
  return { code, figures: [passed, failed, skipped], notes };
}

describe('a file of tests', () => {
  beforeEach(() => {
    runs = [];
  });

  it('runs once when nothing fails', async () => {
    const suite = await suiteOf(good('one'), good('two'));
    assert.deepEqual(suite, { code: 0, figures: [2, 0, 0], notes: [] });
    assert.deepEqual(runs, ['one', 'two']);
  });

  it('that failed is run again after the others: its second result counts, and the report says so', async () => {
    const suite = await suiteOf(moody('moody'), good('one'));
    assert.deepEqual(runs, ['moody', 'one', 'moody']);
    assert.deepEqual(suite, {
      code: 0,
      figures: [2, 0, 0],
      notes: ['failed at first, passed when run again: moody works'],
    });
  });

  it('waits for no other when several run at a time, and is reported in its place', async () => {
    const files = [moody('moody'), good('one'), good('two'), bad('bad')];
    const begun: string[] = [];
    let busy = 0;
    let busiest = 0;
    const run = async (file: string) => {
      begun.push(basename(file, '.test.mjs'));
      busiest = Math.max(busiest, ++busy);
      await new Promise(setImmediate);
      const result = await runFile(file);
      busy--;
      return result;
    };
    const { code, tap } = await runWithSecondChance(files, run, { concurrency: 2 });
    assert.equal(code, 1);
    assert.equal(busiest, 2);
    assert.deepEqual(begun.slice(-2), ['moody', 'bad']);
    const { notes } = readTap(tap);
    assert.deepEqual(notes, ['failed at first, passed when run again: moody works', 'FAILED bad works']);
  });

  it('that fails twice has failed, and is not run a third time', async () => {
    const suite = await suiteOf(bad('bad'), good('one'));
    assert.deepEqual(runs, ['bad', 'one', 'bad']);
    assert.deepEqual(suite, { code: 1, figures: [1, 1, 0], notes: ['FAILED bad works'] });
  });

  it('is named test by test, without the suite around them', async () => {
    const both = testFile(
      'both',
      `describe('the suite', () => {
         it('is in a mood', () => assert.ok(!isFirst));
         it('is wrong', () => assert.fail());
       });`,
    );
    const { code, figures, notes } = await suiteOf(both);
    assert.equal(code, 1);
    assert.deepEqual(figures, [1, 1, 0]);
    assert.deepEqual(notes, [
      'FAILED is wrong',
      'FAILED the suite',
      'failed at first, passed when run again: is in a mood',
    ]);
  });

  it('that ended before its tests has a second chance too', async () => {
    const { code, figures, notes } = await suiteOf(
      testFile('broken', `if (isFirst) process.exit(3); it('works', () => {});`),
    );
    assert.equal(code, 0);
    assert.deepEqual(figures, [1, 0, 0]);
    assert.equal(notes.length, 1);
    assert.match(notes[0] ?? '', /^failed at first, passed when run again: .*broken\.test\.mjs$/);
  });

  it(`is not run again when more than ${mostRepeatedFiles} failed`, async () => {
    const names = Array.from({ length: mostRepeatedFiles + 1 }, (_, index) => `moody ${index}`);
    const suite = await suiteOf(...names.map(moody));
    assert.deepEqual(runs, names);
    assert.equal(suite.code, 1);
    assert.deepEqual(suite.figures, [0, names.length, 0]);
    assert.deepEqual(
      suite.notes,
      names.map(name => `FAILED ${name} works`),
    );
  });
});

describe('the counts of a suite', () => {
  it('are those of all its files, skips with their reasons', async () => {
    const skips = testFile('skips', `it('needs more', { skip: 'no Go here' }, () => {});`);
    const { figures, notes } = await suiteOf(good('one'), skips, good('two'));
    assert.deepEqual(figures, [2, 0, 1]);
    assert.deepEqual(notes, ['skipped needs more: no Go here']);
  });

  it('are not what a test prints', async () => {
    const { figures } = await suiteOf(testFile('prints', `it('a', () => console.log('pass 7\\nfail 3'));`));
    assert.deepEqual(figures, [1, 0, 0]);
  });
});
