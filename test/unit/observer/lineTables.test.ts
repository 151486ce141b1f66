/** Every instruction of real modules, on every interpreter: our reading of its line tables against Python's own. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { placeOf } from '../../../src/observer/stacks/lineTables';
import { findInterpreters } from '../../helpers/interpreters.mjs';

const script = `
import dis, json, sys, types, argparse, asyncio.tasks, collections
def codes(code):
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from codes(constant)
def places(code):
    if hasattr(code, "co_positions"):
        return [[2 * index, *place] for index, place in enumerate(code.co_positions())]
    if hasattr(code, "co_lines"):
        return [
            [offset, line, None, None, None]
            for start, end, line in code.co_lines()
            for offset in range(start, end, 2)
        ]
    line, starts = None, dict(dis.findlinestarts(code))
    rows = []
    for offset in range(0, len(code.co_code), 2):
        line = starts.get(offset, line)
        rows.append([offset, line, None, None, None])
    return rows
for module in (argparse, asyncio.tasks, collections):
    with open(module.__file__, encoding="utf-8") as file:
        for code in codes(compile(file.read(), module.__file__, "exec")):
            table = code.co_linetable if hasattr(code, "co_linetable") else code.co_lnotab
            print(json.dumps([code.co_name, code.co_firstlineno, list(table), places(code)]))
`;

type Row = readonly [offset: number, ...place: (number | null)[]];

const interpreters = process.platform === 'linux' ? await findInterpreters() : [];

describe('the line of each instruction', () => {
  for (const { version, kind, command } of interpreters) {
    it(`of Python ${version} (${kind})`, () => {
      const minor = Number(version.split('.')[1]);
      const [program = '', ...words] = command;
      const output = execFileSync(program, [...words, '-c', script], {
        encoding: 'utf8',
        maxBuffer: 1 << 28,
      });
      let count = 0;
      for (const text of output.trim().split('\n')) {
        const [name, firstLine, table, rows] = JSON.parse(text) as [string, number, number[], Row[]];
        const facts = { minor, firstLine, table: Uint8Array.from(table) };
        // Instructions that belong to no line of the source count for the function's first.
        const known = rows.filter(([, line]) => line !== null);
        const expected = known.map(([, line, endLine, column, endColumn]) => {
          return { line, endLine: endLine ?? 0, column: column ?? -1, endColumn: endColumn ?? -1 };
        });
        const found = known.map(([offset]) => placeOf(facts, offset));
        assert.deepEqual(found, expected, name);
        count += known.length;
      }
      assert.ok(count > 10_000, `${count} instructions`);
    });
  }
});
