import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { splitWords } from './commandWords';

const longestLine = 512;
const pythonName = /^(?:python|pypy)[\d.]*t?(?:\.exe)?$/;

/** The Python that a script's own first line names, with its arguments; undefined when it names none. */
export async function shebangPython(script: string): Promise<string[] | undefined> {
  const file = await open(script);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(longestLine), 0, longestLine, 0);
    return pythonInShebang(buffer.toString('utf8', 0, bytesRead).split(/\r?\n/, 1)[0] ?? '');
  } finally {
    await file.close();
  }
}

/** `#!/usr/bin/env -S python3 -X dev` → `['python3', '-X', 'dev']`. */
export function pythonInShebang(line: string): string[] | undefined {
  if (!line.startsWith('#!')) return undefined;
  const words = splitWords(line.slice(2));
  const isEnv = basename(words[0] ?? '') === 'env';
  const command = isEnv ? words.slice(words[1] === '-S' ? 2 : 1) : words;
  return pythonName.test(basename(command[0] ?? '')) ? command : undefined;
}
