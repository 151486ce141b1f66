/** Writes a speedscope file like py-spy's, of any size and always the same for a seed. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { randomFrom } from './random.mjs';

const functionCount = 4000;
const threadCount = 3;
const minDepth = 10;
const maxDepth = 60;
const rateHz = 100;
const chunkBytes = 1 << 20;

/**
 * Writes about so many megabytes: three threads whose stacks walk at random over 4,000 functions, 10 to 60 deep, all
 * samples before the frames as py-spy has it. Returns the number of samples.
 * @param {string} path
 * @param {number} megabytes of 10^6 bytes
 * @param {number} seed
 */
export function writeSpeedscope(path, megabytes, seed = 1) {
  const next = randomFrom(seed);
  const file = openSync(path, 'w');
  const frames = JSON.stringify(frameTable(next));
  // A sample's weight takes five bytes further behind.
  const weight = String(1 / rateHz);
  const bytesForSamples = Math.max(0, megabytes * 1e6 - frames.length - 1000);
  let sampleCount = 0;
  writeSync(file, '{"$schema":"https://www.speedscope.app/file-format-schema.json","profiles":[');
  for (let thread = 0; thread < threadCount; thread++) {
    sampleCount += writeThread(file, { thread, next, weight, budget: bytesForSamples / threadCount });
  }
  writeSync(file, `],"shared":{"frames":${frames}},"activeProfileIndex":null,`);
  writeSync(file, '"exporter":"py-spy@0.4.3","name":"py-spy profile"}');
  closeSync(file);
  return sampleCount;
}

function frameTable(next) {
  return Array.from({ length: functionCount }, (_, index) => ({
    name: `function_${index}`,
    file: `/srv/app/package_${index % 40}/module_${index % 400}.py`,
    line: 1 + Math.floor(next() * 2000),
    col: null,
  }));
}

/** One profile; `budget` is its size in bytes. */
function writeThread(file, { thread, next, weight, budget }) {
  const name = `Thread ${70000 + thread} ${JSON.stringify(thread === 0 ? 'MainThread' : `worker-${thread}`)}`;
  writeSync(
    file,
    `${thread > 0 ? ',' : ''}{"type":"sampled","name":${JSON.stringify(name)},"unit":"seconds",`,
  );
  writeSync(file, '"startValue":0.0,"samples":[');
  const stack = Array.from({ length: minDepth }, () => Math.floor(next() * functionCount));
  let count = 0;
  let text = '';
  for (let used = 0; used < budget; count++) {
    walk(stack, next);
    const sample = `${count > 0 ? ',' : ''}[${stack.join(',')}]`;
    used += sample.length + weight.length + 1;
    text += sample;
    if (text.length < chunkBytes) continue;
    writeSync(file, text);
    text = '';
  }
  writeSync(file, `${text}],"weights":[`);
  for (let left = count; left > 0; left -= 50_000) {
    const weights = `${weight},`.repeat(Math.min(left, 50_000));
    writeSync(file, left > 50_000 ? weights : weights.slice(0, -1));
  }
  writeSync(file, `],"endValue":${count / rateHz}}`);
  return count;
}

/** Returns from a few functions and calls a few others, mostly near the leaf. */
function walk(stack, next) {
  const returns = Math.min(Math.floor(-Math.log(1 - next()) * 1.2), stack.length - minDepth);
  stack.length -= returns;
  const calls = Math.min(Math.floor(-Math.log(1 - next()) * 1.0), maxDepth - stack.length);
  for (let i = 0; i < calls; i++) stack.push(Math.floor(next() * functionCount));
}
