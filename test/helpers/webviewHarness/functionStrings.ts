import type { Profile } from '../../../src/shared/profile';
import type { FunctionStrings } from '../../../src/shared/views';

/** The names of the functions that are mentioned, and where each of them stands among them. */
export function functionStrings(
  profile: Profile,
  mentioned: Int32Array,
): { strings: FunctionStrings; indexOf: (id: number) => number } {
  const ids = [...new Set(mentioned)].filter(id => id >= 0);
  const index = new Map(ids.map((id, at) => [id, at]));
  const { functions } = profile;
  const textOf = (column: Int32Array, id: number): string => profile.strings[column[id] ?? -1] ?? '';
  const strings: FunctionStrings = {
    length: ids.length,
    id: Int32Array.from(ids),
    file: Int32Array.from(ids, id => functions.file[id] ?? -1),
    firstLine: Int32Array.from(ids, id => functions.firstLine[id] ?? 0),
    kind: Uint8Array.from(ids, id => functions.kind[id] ?? 0),
    names: ids.map(id => textOf(functions.name, id)),
    files: ids.map(id => textOf(functions.file, id)),
    places: ids.map(id => placeOf(textOf(functions.file, id), functions.firstLine[id] ?? 0)),
  };
  return { strings, indexOf: id => index.get(id) ?? -1 };
}

function placeOf(file: string, line: number): string {
  return file === '~' ? '' : `${file.split('/').pop()}:${line}`;
}
