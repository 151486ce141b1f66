/** Damage to the sense of a JSON file whose form stays good: missing, moved and misplaced values. */
import { awkwardNumbers } from './mutateBytes';
import type { Random } from './random';

type Container = Record<string, unknown> | unknown[];

/** A value with one to six places changed, as text. The value itself is not touched. */
export function mutateJson(value: unknown, random: Random): string {
  const root: Record<string, unknown> = { root: structuredClone(value) };
  for (let round = random.below(6); round >= 0; round--) change(placeIn(root, random), root, random);
  const text = JSON.stringify(root['root'] ?? null);
  // JSON.stringify knows no such numbers, readers meet them.
  return text.replaceAll(/"§([^"]*)"/g, '$1');
}

interface Place {
  readonly container: Container;
  readonly key: string;
}

/** Walks down from the root, and stops the less likely the higher it is. */
function placeIn(root: Record<string, unknown>, random: Random): Place {
  let container: Container = root;
  let key = 'root';
  for (let depth = 0; depth < 12; depth++) {
    const below: unknown = (container as Record<string, unknown>)[key];
    if (!isContainer(below) || (depth > 0 && random.once(5))) break;
    const keys = Object.keys(below);
    if (keys.length === 0) break;
    container = below;
    key = random.of(keys);
  }
  return { container, key };
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}

function change({ container, key }: Place, root: Record<string, unknown>, random: Random): void {
  const owner = container as Record<string, unknown>;
  const kind = random.below(7);
  if (kind === 0) removeFrom(container, key);
  else if (kind === 1) repeatIn(container, key, random);
  else if (kind === 2) owner[key] = `§${random.of(awkwardNumbers).replace('NaN', 'null')}`;
  else if (kind === 3) owner[key] = random.of(strangeValues)();
  else if (kind === 4) swap(owner, key, placeIn(root, random));
  else if (kind === 5) shuffleKeys(owner, key, random);
  else nudge(owner, key, random);
}

function removeFrom(container: Container, key: string): void {
  if (Array.isArray(container)) container.splice(Number(key), 1);
  else delete container[key];
}

function repeatIn(container: Container, key: string, random: Random): void {
  if (!Array.isArray(container)) {
    container[`${key}${random.below(3)}`] = container[key];
    return;
  }
  const item = container[Number(key)];
  container.splice(
    Number(key),
    0,
    ...Array.from({ length: 1 + random.below(20) }, () => structuredClone(item)),
  );
}

function swap(owner: Record<string, unknown>, key: string, other: Place): void {
  const elsewhere = other.container as Record<string, unknown>;
  // Copies: a value must not come to lie inside itself.
  const [mine, its] = [structuredClone(owner[key]), structuredClone(elsewhere[other.key])];
  owner[key] = its;
  elsewhere[other.key] = mine;
}

function shuffleKeys(owner: Record<string, unknown>, key: string, random: Random): void {
  const value = owner[key];
  if (!isContainer(value)) return;
  if (Array.isArray(value)) {
    owner[key] = random.once(2) ? [...value].reverse() : value.slice(random.below(value.length + 1));
    return;
  }
  const entries = Object.entries(value).map(entry => ({ entry, rank: random.below(1000) }));
  owner[key] = Object.fromEntries(entries.sort((a, b) => a.rank - b.rank).map(({ entry }) => entry));
}

/** A number a little off, a text a little longer: what checks of ranges are for. */
function nudge(owner: Record<string, unknown>, key: string, random: Random): void {
  const value = owner[key];
  if (typeof value === 'number') owner[key] = value + random.of([-1, 1, -0.5, 1000, -value - 1]);
  else if (typeof value === 'string')
    owner[key] = value + random.of(['', '"\\\u0000', ':', ';', '\u{1f600}', '\ud800']);
}

const strangeValues: readonly (() => unknown)[] = [
  () => null,
  () => true,
  () => '',
  () => 'text',
  () => [],
  () => ({}),
  () => -1,
  () => 1e15,
  () => [[[[]]]],
  () => nested(300),
  () => [null, -1, 'x', {}],
  () => ({ length: -1, data: null }),
  () => '__proto__',
  () => 'constructor',
];

function nested(depth: number): unknown {
  let value: unknown = 0;
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}
