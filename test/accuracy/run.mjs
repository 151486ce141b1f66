/** `npm run accuracy -- NAME [--json]`: hands over to the measurement of that name in this folder. */
const measurements = { engines: './engines.mjs', gaps: './gaps.mjs', observer: './observer.mjs' };

const name = process.argv[2];
const file = measurements[name];
if (file === undefined) {
  console.error(
    `usage: npm run accuracy -- NAME [--json], NAME one of: ${Object.keys(measurements).join(', ')}`,
  );
  process.exitCode = 2;
} else {
  await import(file);
}
