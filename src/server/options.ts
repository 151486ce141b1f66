import { checkSettings, type Settings } from '../shared/settings';

/** Checks what a client says about itself in the initialisation options: `{settings, l10n}`, both optional. */
export function readOptions(value: unknown): { settings: Settings; l10n: Record<string, string> } {
  const options = isRecord(value) ? value : {};
  return { settings: readSettings(options['settings']), l10n: readBundle(options['l10n']) };
}

/** Settings from whatever the client sends: nested or flat, alone or below `pyrolens`. Wrong values fall back. */
export function readSettings(value: unknown): Settings {
  const settings = isRecord(value) && isRecord(value['pyrolens']) ? value['pyrolens'] : value;
  return checkSettings(key => lookUp(settings, key));
}

function lookUp(value: unknown, key: string): unknown {
  if (!isRecord(value)) return undefined;
  if (key in value) return value[key];
  return key.split('.').reduce<unknown>((inner, part) => (isRecord(inner) ? inner[part] : undefined), value);
}

/** `vscode.l10n`'s bundle: texts, or objects with a `message`, by their English form. */
function readBundle(value: unknown): Record<string, string> {
  const bundle: Record<string, string> = {};
  if (!isRecord(value)) return bundle;
  for (const [english, entry] of Object.entries(value)) {
    const text = isRecord(entry) ? entry['message'] : entry;
    if (typeof text === 'string') bundle[english] = text;
  }
  return bundle;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
