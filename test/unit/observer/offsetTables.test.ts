/**
 * The tables against the headers of the very interpreters: a small C program prints the offsets that the compiler
 * gives. An interpreter without headers, or a machine without a compiler, has nothing to compare with.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Layout } from '../../../src/observer/layout/layout';
import { tabledLayout } from '../../../src/observer/layout/offsetTables';
import { gilBytes } from '../../../src/observer/threads/interpreters';
import { findInterpreters } from '../../helpers/interpreters.mjs';
import { runFolder } from '../../helpers/observed';

const compiler = ['cc', 'gcc', 'clang'].find(name => spawnSync(name, ['--version']).status === 0);

type Offset = readonly [expression: string, offset: number | undefined];
const field = (type: string, name: string) => `offsetof(${type}, ${name})`;

/** What the C compiler must agree with. */
function offsetsOf(layout: Layout): Offset[] {
  const { minor, runtime, interpreter, thread, code, text, bytes, dict, type } = layout;
  const hasFrameObjects = minor < 11;
  return [
    [field('_PyRuntimeState', 'interpreters.head'), runtime.interpretersHead],
    [field('PyInterpreterState', 'next'), interpreter.next],
    [field('PyInterpreterState', hasFrameObjects ? 'tstate_head' : 'threads.head'), interpreter.threadsHead],
    [field('PyInterpreterState', minor < 12 ? 'modules' : 'imports.modules'), interpreter.modules],
    ...gilOffsets(layout),
    [field('PyInterpreterState', 'gc.collecting'), layout.gc.collecting],
    [field('PyInterpreterState', 'gc.generation_stats'), layout.gc.collections],
    ['sizeof(struct _gil_runtime_state)', gilBytes],
    [field('PyThreadState', 'next'), thread.next],
    [field('PyThreadState', hasFrameObjects ? 'frame' : 'cframe'), thread.frame],
    [field('PyThreadState', 'thread_id'), thread.threadId],
    ...frameOffsets(layout),
    [field('PyCodeObject', 'co_name'), code.name],
    [field('PyCodeObject', 'co_filename'), code.filename],
    [field('PyCodeObject', 'co_firstlineno'), code.firstLine],
    [field('PyCodeObject', 'co_flags'), code.flags],
    [field('PyCodeObject', minor === 9 ? 'co_lnotab' : 'co_linetable'), code.lineTable],
    [field('PyASCIIObject', 'length'), text.length],
    [field('PyASCIIObject', 'state'), text.state],
    ['sizeof(PyASCIIObject)', text.asciiData],
    ['sizeof(PyCompactUnicodeObject)', text.compactData],
    [field('PyBytesObject', 'ob_base.ob_size'), bytes.size],
    [field('PyBytesObject', 'ob_sval'), bytes.data],
    [field('PyDictObject', 'ma_keys'), dict.keys],
    [field('PyDictObject', 'ma_values'), dict.values],
    [field('PyTypeObject', 'tp_name'), type.name],
    [field('PyTypeObject', 'tp_basicsize'), type.basicSize],
    [field('PyTypeObject', 'tp_dictoffset'), type.dictOffset],
    [field('PyHeapTypeObject', 'ht_cached_keys'), type.cachedKeys],
  ];
}

function gilOffsets({ gil }: Layout): Offset[] {
  if (gil.base === 'runtime') {
    return [
      [field('_PyRuntimeState', 'ceval.gil.last_holder'), gil.holder],
      [field('_PyRuntimeState', 'ceval.gil.locked'), gil.locked],
    ];
  }
  return [
    [field('PyInterpreterState', 'ceval.gil'), gil.at],
    [field('struct _gil_runtime_state', 'last_holder'), gil.holder],
    [field('struct _gil_runtime_state', 'locked'), gil.locked],
  ];
}

function frameOffsets({ minor, thread, frame, code }: Layout): Offset[] {
  if (minor < 11) {
    return [
      [field('PyFrameObject', 'f_back'), frame.previous],
      [field('PyFrameObject', 'f_code'), frame.code],
      [field('PyFrameObject', 'f_lasti'), frame.instruction],
    ];
  }
  return [
    [field('_PyCFrame', 'current_frame'), thread.frameInsideCFrame],
    [field('PyThreadState', 'native_thread_id'), thread.nativeThreadId],
    [field('PyThreadState', 'datastack_chunk'), thread.datastackChunk],
    [field('_PyInterpreterFrame', 'previous'), frame.previous],
    [field('_PyInterpreterFrame', 'f_code'), frame.code],
    [field('_PyInterpreterFrame', 'prev_instr'), frame.instruction],
    [field('_PyInterpreterFrame', 'owner'), frame.owner],
    [field('PyCodeObject', 'co_qualname'), code.qualname],
    [field('PyCodeObject', 'co_code_adaptive'), code.bytecode],
  ];
}

function compiled(command: readonly string[], minor: number, expressions: readonly string[]): number[] {
  const includes = includeFolder(command);
  const source = `#define Py_BUILD_CORE 1
#include <Python.h>
#include <stddef.h>
#include <frameobject.h>
#include "internal/pycore_runtime.h"
#include "internal/pycore_interp.h"
${minor < 11 ? '' : '#include "internal/pycore_frame.h"'}
int main(void) {
${expressions.map(expression => `  printf("%zu\\n", (size_t)(${expression}));`).join('\n')}
}`;
  const folder = runFolder();
  writeFileSync(join(folder, 'offsets.c'), source);
  const program = join(folder, 'offsets');
  execFileSync(compiler ?? '', ['-w', '-I', includes, '-o', program, join(folder, 'offsets.c')]);
  return execFileSync(program, { encoding: 'utf8' }).trim().split('\n').map(Number);
}

function includeFolder([program = '', ...words]: readonly string[]): string {
  const script = 'import sysconfig; print(sysconfig.get_path("include"))';
  return execFileSync(program, [...words, '-c', script], { encoding: 'utf8' }).trim();
}

const interpreters =
  process.platform === 'linux' && compiler ? await findInterpreters({ withChroot: false }) : [];

describe('the table of offsets is that of the headers', () => {
  for (const { version, command } of interpreters) {
    const minor = Number(version.split('.')[1]);
    const layout = tabledLayout(minor);
    if (layout === undefined || !existsSync(join(includeFolder(command), 'internal'))) continue;
    it(`of Python ${version}`, () => {
      const expected = offsetsOf(layout);
      const found = compiled(
        command,
        minor,
        expected.map(([expression]) => expression),
      );
      const rows = expected.map(([expression], index) => [expression, found[index]]);
      assert.deepEqual(expected, rows);
    });
  }
});
