import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ElfFile } from '../../../src/observer/image/elfFile';
import { runFolder } from '../../helpers/observed';

const names = Array.from({ length: 300 }, (_, index) => `symbol_${index}`);
const source = names.map((name, index) => `int ${name} = ${index + 1};`).join('\n');
const hasTools = ['gcc', 'nm', 'strip'].every(tool => run(tool, ['--version']).status === 0);

function run(program: string, words: readonly string[]) {
  return spawnSync(program, words, { encoding: 'utf8' });
}

/** A shared library with many symbols, some of them in one bucket of its hash. */
function library(options: readonly string[]): string {
  const folder = runFolder();
  const [code, path] = [join(folder, 'library.c'), join(folder, 'library.so')];
  writeFileSync(code, source);
  const { status, stderr } = run('gcc', ['-shared', '-fPIC', ...options, '-o', path, code]);
  assert.equal(status, 0, stderr);
  return path;
}

/** The addresses of the symbols, as binutils have them. */
function addressesOf(path: string): Map<string, number> {
  const rows = run('nm', ['-D', path]).stdout.matchAll(/^([0-9a-f]+) D (symbol_\d+)$/gm);
  return new Map([...rows].map(([, address = '', name = '']) => [name, Number.parseInt(address, 16)]));
}

describe('the symbols of an ELF file', { skip: !hasTools && 'gcc and binutils are needed' }, () => {
  for (const style of ['gnu', 'sysv', 'both']) {
    it(`are found in a stripped library with the hash style ${style}`, () => {
      const path = library([`-Wl,--hash-style=${style}`]);
      assert.equal(run('strip', [path]).status, 0);
      const file = ElfFile.open(path) ?? assert.fail('no ELF file');
      const expected = addressesOf(path);
      assert.equal(expected.size, names.length);
      assert.deepEqual(new Map(names.map(name => [name, file.symbol(name)])), expected);
      for (const absent of ['symbol_', 'symbol_300', 'ymbol_1', 'printf', '']) {
        assert.equal(file.symbol(absent), undefined, absent);
      }
      file.close();
    });
  }

  it('are found among those that are not exported', () => {
    const path = library(['-fvisibility=hidden']);
    assert.equal(addressesOf(path).size, 0);
    const file = ElfFile.open(path) ?? assert.fail('no ELF file');
    const row = /^([0-9a-f]+) \w symbol_7$/m.exec(run('nm', [path]).stdout);
    assert.equal(file.symbol('symbol_7'), Number.parseInt(row?.[1] ?? '', 16));
    file.close();
  });
});
