import { open } from 'node:fs/promises';

/** Interpreters have 5 to 40 MB; one in a program of its own may be larger. */
const maxBytes = 128 * 1024 * 1024;

const known = new Map<string, Promise<string | undefined>>();

/**
 * The full version of the interpreter in a file, given its `3.12`: CPython holds the text that `platform` answers.
 * The file is read, never run. Undefined when it does not tell. Answers are kept as long as the file is the same.
 */
export async function versionInBinary(path: string, minor: string): Promise<string | undefined> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { dev, ino, size, mtimeMs } = await file.stat();
    if (size > maxBytes) return undefined;
    const key = JSON.stringify([dev, ino, size, mtimeMs, minor]);
    const answer = known.get(key) ?? file.readFile().then(bytes => versionInBytes(bytes, minor));
    known.set(key, answer);
    return await answer.catch(() => undefined);
  } finally {
    await file.close();
  }
}

/**
 * The text `3.12.1` in the bytes of an interpreter of version `3.12`. It ends there; linkers lay it over the end of a
 * longer text that ends alike (`…/versions/3.12.1`), so a text of its own is only preferred.
 */
export function versionInBytes(bytes: Buffer, minor: string): string | undefined {
  const needle = Buffer.from(`${minor}.`);
  let atEndOfText: string | undefined;
  for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + 1)) {
    const before = bytes.toString('latin1', Math.max(at - 1, 0), at);
    const text = bytes.toString('latin1', at, at + 24);
    const version = /^(\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?)\+?\0/.exec(text)?.[1];
    if (version === undefined || /[\d.]/.test(before)) continue;
    if (before === '\0') return version;
    atEndOfText ??= version;
  }
  return atEndOfText;
}
