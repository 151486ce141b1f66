/** Types of `debianPackages.mjs`, which stays plain JavaScript because `npm start` runs it unbuilt. */
export class SetupError extends Error {}
export function findOnPath(names: readonly string[]): string | undefined;
export function ensureDebianPackage(
  name: string,
  isThere: () => boolean,
  report: (line: string) => void,
): void;
