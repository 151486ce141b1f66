/** The endless, repeatable list of inputs: number and seed say everything about an input. */
import type { Format } from '../../src/server/parse/format';
import { mendChunks } from './mendChunks';
import { maxInputBytes, mutateBytes } from './mutateBytes';
import { mutateJson } from './mutateJson';
import { mutateLines } from './mutateLines';
import { mutateProtobuf } from './mutateProtobuf';
import { Random } from './random';
import type { Seed } from './seeds';

export interface Input {
  readonly bytes: Uint8Array;
  /** The format of the good file that it was made from. */
  readonly format: Format;
}

/** Makes input number `n` of a seed. Formats take turns, so that none is left out for having few files. */
export class Inputs {
  private readonly byFormat: readonly (readonly Seed[])[];

  constructor(
    private readonly seeds: readonly Seed[],
    private readonly randomSeed: number,
  ) {
    const names = [...new Set(seeds.map(({ format }) => format.name))];
    this.byFormat = names.map(name => seeds.filter(({ format }) => format.name === name));
  }

  at(n: number): Input {
    const random = new Random(this.randomSeed, n);
    const own = this.byFormat[n % this.byFormat.length] ?? [];
    const seed = random.of(own);
    const other = random.once(8) ? random.of(this.seeds) : random.of(own);
    return { format: seed.format, bytes: this.mutated(seed, other, random) };
  }

  private mutated(seed: Seed, other: Seed, random: Random): Uint8Array {
    if (seed.json !== undefined && !random.once(3)) {
      const text = new TextEncoder().encode(mutateJson(seed.json, random)).subarray(0, maxInputBytes);
      return random.once(6) ? mutateBytes(text, random, other.bytes) : text;
    }
    if (random.once(2)) {
      const sensible = mutateSense(seed.bytes, random)?.subarray(0, maxInputBytes);
      if (sensible !== undefined)
        return random.once(6) ? mutateBytes(sensible, random, other.bytes) : sensible;
    }
    const bytes = mutateBytes(seed.bytes, random, other.bytes);
    const isOurs = seed.bytes[0] === 0x50 && seed.bytes[1] === 0x59;
    return isOurs && !random.once(4) ? mendChunks(bytes) : bytes;
  }
}

/** Damage that leaves the form good, where the form is known. */
function mutateSense(bytes: Uint8Array, random: Random): Uint8Array | undefined {
  const head = bytes.subarray(0, 512);
  const isText =
    head.length > 0 && head.every(byte => byte >= 0x20 || byte === 0x0a || byte === 0x0d || byte === 9);
  return isText ? mutateLines(bytes, random) : mutateProtobuf(bytes, random);
}
