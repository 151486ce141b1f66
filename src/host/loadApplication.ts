/** Loads the host's own bundle. */
export function loadApplication(): typeof import('./application') {
  // esbuild leaves this require alone: it is an external of the entry's bundle.
  return require('./application.js') as typeof import('./application');
}
