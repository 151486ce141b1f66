/** Types of `workbenchInstall.mjs`, which stays plain JavaScript because `npm start` runs it unbuilt. */
export interface InstalledWorkbench {
  readonly folder: string;
  readonly completeMark: string;
  readonly node: string;
  readonly codeServer: string;
}
export const cacheRoot: string;
export const repositoryRoot: string;
export const workbench: InstalledWorkbench;
export function installWorkbench(report: (line: string) => void): Promise<InstalledWorkbench>;
export function ensureChromium(report: (line: string) => void): string | undefined;
