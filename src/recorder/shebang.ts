import { open, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { splitWords } from './commandWords';

const longestHead = 1024;
const pythonName = /^(?:python|pypy)[\d.]*t?(?:\.exe)?$/;
/** What may stand between `env` and the command: options, and variables. */
const envWord = /^(?:-|\w+=)/;
/** Installers' second line for a Python whose path is too long for the first or has spaces in it. */
const trampoline = /^'''exec' (.+) "\$0" "\$@"$/;
/** uv's way to say «beside this script», for environments that can be moved. */
const besideScript = /^"\$\(dirname -- "\$\(realpath -- "\$0"\)"\)"\/(.+)$/;

/** The Python that a script's own first lines name, with its arguments; undefined when they name none. */
export async function shebangPython(script: string): Promise<string[] | undefined> {
  const file = await open(script);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(longestHead), 0, longestHead, 0);
    const [first = '', second = ''] = buffer.toString('utf8', 0, bytesRead).split(/\r?\n/, 2);
    return first === '#!/bin/sh' ? await pythonInTrampoline(second, script) : pythonInShebang(first);
  } finally {
    await file.close();
  }
}

/**
 * `#!/usr/bin/env -S python3 -X dev` → `['python3', '-X', 'dev']`. `env` stays where it does more than look for the
 * command: `#!/usr/bin/env -S LANG=C python3` → `['/usr/bin/env', 'LANG=C', 'python3']`.
 */
export function pythonInShebang(line: string): string[] | undefined {
  if (!line.startsWith('#!')) return undefined;
  const [program = '', ...words] = splitWords(line.slice(2));
  if (basename(program) !== 'env') return pythonCommand([program, ...words]);
  const split = words.join(' ').replace(/^(?:-v?S|--split-string(?:=| ))\s*/, '');
  const all = split === words.join(' ') ? words : splitWords(split);
  const count = all.findIndex(word => !envWord.test(word));
  const command = count < 0 ? undefined : pythonCommand(all.slice(count));
  return count > 0 && command ? [program, ...all.slice(0, count), ...command] : command;
}

function pythonCommand(words: string[]): string[] | undefined {
  return pythonName.test(basename(words[0] ?? '')) ? words : undefined;
}

async function pythonInTrampoline(line: string, script: string): Promise<string[] | undefined> {
  const text = trampoline.exec(line)?.[1] ?? '';
  const beside = besideScript.exec(text)?.[1];
  const [path = ''] = splitWords(beside ?? text);
  return pythonCommand([beside === undefined ? path : join(dirname(await realpath(script)), path)]);
}
