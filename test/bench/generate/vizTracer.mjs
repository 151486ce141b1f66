/**
 * Writes VizTracer files of any size, the same bytes for the same seed: three threads of a server that walk through a
 * call graph of 4,000 functions. Calls are written when they end, so callees come first, as VizTracer has it.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { randomFrom } from './random.mjs';

const pid = 4242;
const threadCount = 3;
const functionCount = 4000;
const builtinShare = 8;
const maxDepth = 40;
const flushBytes = 4 * 1024 * 1024;

/** Writes `path` with about so many megabytes (of 10^6 bytes) of events and returns how many calls they are. */
export function writeVizTracer(path, megabytes, seed = 1) {
  const random = randomFrom(seed);
  const functions = makeFunctions(random);
  const threads = Array.from({ length: threadCount }, (_, index) => makeThread(functions, index));
  const file = openSync(path, 'w');
  let text = `{"traceEvents": [${threads.map(({ name, tid }) => named(name, tid)).join(', ')}`;
  let written = 0;
  let count = 0;
  for (let now = 3_323_991_602_879; written + text.length < megabytes * 1e6; ) {
    const thread = threads[Math.floor(random() * threadCount)];
    // Threads take turns, as the GIL makes them.
    for (let step = 0; step < 200; step++) {
      now += 80 + Math.floor(random() * 1200);
      const call = walk(thread, functions, random, now);
      if (call === '') continue;
      text += call;
      count++;
    }
    if (text.length < flushBytes) continue;
    written += writeSync(file, text);
    text = '';
  }
  writeSync(file, text + ending(functions));
  closeSync(file);
  return count;
}

/** Each function calls a few others, so that the tree of stacks stays as small as a program's. */
function makeFunctions(random) {
  return Array.from({ length: functionCount }, (_, index) => {
    const path = `/srv/app/package_${index % 12}/handlers/module_${index % 160}.py`;
    const line = 10 + ((index * 37) % 900);
    const isBuiltin = index % builtinShare === 0;
    const qualified = `Handler${index % 300}.process_item_${index}`;
    return {
      name: isBuiltin ? `builtins.operation_${index}` : `${qualified} (${path}:${line})`,
      path,
      line,
      callees: isBuiltin
        ? []
        : Array.from({ length: 1 + Math.floor(random() * 3) }, () => nearby(random, index)),
    };
  });
}

/** Mostly later functions: the graph has few circles. */
function nearby(random, index) {
  const step = random() < 0.05 ? -Math.floor(random() * 50) : 1 + Math.floor(random() * 400);
  return (index + step + functionCount) % functionCount;
}

function makeThread(functions, index) {
  const tid = pid + index;
  const head = `, {"pid": ${pid}, "tid": ${tid}, "ts": `;
  return {
    tid,
    head,
    name: index === 0 ? 'MainThread' : `Dummy-${index}`,
    open: [],
    starts: [],
    root: 1 + index,
    functions,
  };
}

/** Calls a function or returns from one; the text of the call that ended, or ''. */
function walk({ head, open, starts, root }, functions, random, now) {
  const depth = open.length;
  const callees = depth === 0 ? [root] : functions[open[depth - 1]].callees;
  const calls = depth < maxDepth && callees.length > 0 && random() < (depth < 4 ? 0.9 : 0.5);
  if (calls || depth === 0) {
    open.push(callees[Math.floor(random() * callees.length)]);
    starts.push(now);
    return '';
  }
  const { name } = functions[open.pop()];
  const start = starts.pop();
  return `${head}${micros(start)}, "ph": "X", "cat": "fee", "dur": ${micros(now - start)}, "name": "${name}"}`;
}

function micros(nanoseconds) {
  return nanoseconds / 1000;
}

function named(name, tid) {
  return `{"ph": "M", "pid": ${pid}, "tid": ${tid}, "name": "thread_name", "args": {"name": "${name}"}}`;
}

function ending(functions) {
  const table = functions
    .filter(({ callees }) => callees.length > 0)
    .map(({ name, path, line }) => `${JSON.stringify(name)}: [${JSON.stringify(path)}, ${line}]`);
  const metadata = '{"overflow": false, "version": "1.1.1"}';
  return `], "viztracer_metadata": ${metadata}, "file_info": {"files": {}, "functions": {${table.join(', ')}}}}`;
}
