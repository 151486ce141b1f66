import { type EngineName, engineNames } from './engines';

/** Words for the command lines of engines' tools, as the user's settings have them: `{ "py-spy": ["--gil"] }`. */
export type EngineArguments = Partial<Readonly<Record<EngineName, readonly string[]>>>;

/** Arguments from whatever the settings hold: engines that are none, and values that are no lists of texts, are left out. */
export function checkEngineArguments(value: unknown): EngineArguments {
  const held = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  const entries = engineNames.flatMap(name => {
    const words = Object.hasOwn(held, name) ? held[name] : undefined;
    const isList = Array.isArray(words) && words.every(word => typeof word === 'string');
    return isList ? [[name, words as readonly string[]]] : [];
  });
  return Object.fromEntries(entries) as EngineArguments;
}
