import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseEnvFile } from '../../../src/recorder/envFile';

const parse = (text: string, environment: Record<string, string> = {}) => parseEnvFile(text, environment);

describe('a .env file', () => {
  it('assigns names, with or without export and blanks', () => {
    assert.deepEqual(parse('A=1\nexport B = two words \r\n  C=\n'), { A: '1', B: 'two words', C: '' });
  });

  it('has comments and blank lines, and keeps a # inside a value', () => {
    assert.deepEqual(parse('# first\n\nA=1 # one\nB=a#b\nC="x # y" # z\nnot an assignment\nD=#'), {
      A: '1',
      B: 'a#b',
      C: 'x # y',
      D: '',
    });
  });

  it('quotes: double ones know escapes and lines, single ones keep everything', () => {
    assert.deepEqual(parse(`A="one\\ntwo"\nB='$\{A} \\n'\nC="first\nsecond"\nD="say \\"hi\\""\nE=after`), {
      A: 'one\ntwo',
      B: `$\{A} \\n`,
      C: 'first\nsecond',
      D: 'say "hi"',
      E: 'after',
    });
  });

  it('refers to earlier lines, then to the environment, else to nothing', () => {
    const text = `ROOT=/srv\nDATA=$\{ROOT}/data\nUSER_DIR="$\{HOME}/x"\nNONE=[$\{NOWHERE}]\nPRICE=\\$\{ROOT}`;
    assert.deepEqual(parse(text, { HOME: '/home/ada', ROOT: '/other' }), {
      ROOT: '/srv',
      DATA: '/srv/data',
      USER_DIR: '/home/ada/x',
      NONE: '[]',
      PRICE: `$\{ROOT}`,
    });
  });

  it('may begin with a byte order mark and end without a line break', () => {
    assert.deepEqual(parse('\ufeffA=1\nB="open'), { A: '1', B: '"open' });
  });
});
