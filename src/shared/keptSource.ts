import { keptSourceScheme } from './contributions';

/** A source text kept with a run: `sources/<sha256>` in the run's folder. */
export interface KeptSource {
  readonly runId: string;
  readonly runDir: string;
  readonly sha256: string;
  readonly recordedPath: string;
}

/**
 * `pyrolens-source:/<run id>/<sha256>/<base name>?{"runDir": …, "path": …}`: the base name gives the tab its title, the
 * query tells the host where the text lies and the server what was recorded.
 */
export function keptSourceUri(source: KeptSource): string {
  const base = source.recordedPath.slice(source.recordedPath.search(/[^/\\]*$/));
  const path = [source.runId, source.sha256, base].map(encodeURIComponent).join('/');
  const query = JSON.stringify({ runDir: source.runDir, path: source.recordedPath });
  return `${keptSourceScheme}:/${path}?${encodeURIComponent(query)}`;
}

/** Reads such a URI by its decoded components (as `vscode.Uri` holds them); undefined when it is none. */
export function readKeptSource(uri: {
  readonly path: string;
  readonly query: string;
}): KeptSource | undefined {
  const [, runId, sha256] = /^\/([^/]+)\/([0-9a-f]{64})\//.exec(uri.path) ?? [];
  const { runDir, path } = queryFacts(uri.query);
  if (runId === undefined || sha256 === undefined) return undefined;
  if (typeof runDir !== 'string' || typeof path !== 'string') return undefined;
  return { runId, runDir, sha256, recordedPath: path };
}

/** The same for a URI in its textual form. */
export function readKeptSourceUri(uri: string): KeptSource | undefined {
  const match = /^([\w-]+):(\/[^?#]*)\?([^#]*)$/.exec(uri);
  if (match?.[1] !== keptSourceScheme) return undefined;
  try {
    return readKeptSource({
      path: decodeURIComponent(match[2] ?? ''),
      query: decodeURIComponent(match[3] ?? ''),
    });
  } catch {
    return undefined;
  }
}

function queryFacts(query: string): { runDir?: unknown; path?: unknown } {
  try {
    const value: unknown = JSON.parse(query);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
