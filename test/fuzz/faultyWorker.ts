/** A parser with one fault of each kind: the proof that the fuzzer finds them. */
import { type ByteSource, wholeOf } from '../../src/server/parse/bytes/byteSource';
import type { Format } from '../../src/server/parse/format';
import { ProfileBuilder } from '../../src/server/parse/model/profileBuilder';
import { profileInfo } from '../../src/server/parse/model/profileInfo';
import type { ParseResult, Profile } from '../../src/shared/profile';
import { work } from './worker';

/** Kept, so that no collection hides the waste. */
const hoard: Uint8Array[] = [];

const faulty: Format = {
  name: 'faulty',
  detect: head => head.startsWith(0x46),
  async parse([part]: readonly ByteSource[], context): Promise<ParseResult> {
    const bytes = part === undefined ? new Uint8Array(0) : wholeOf(part);
    const builder = new ProfileBuilder(context.origins);
    const profile = await builder.finish(
      { info: profileInfo({ format: 'faulty' }), endNs: 0 },
      context.slicer,
    );
    return { profile: misbehave(bytes, profile), problems: [] };
  },
};

/** Good inputs are `F` and zeros: each fault needs bytes that only damage brings. The hang is rare, for it takes long. */
function misbehave(bytes: Uint8Array, profile: Profile): Profile {
  if (bytes.includes(0x7f)) throw new TypeError('an injected crash');
  if (bytes.includes(0x3b)) hoard[0] = new Uint8Array(128 * 1024 * 1024);
  else hoard.length = 0;
  while (bytes.includes(0x04) && bytes.includes(0x08)) hoard.length = 0;
  if (!bytes.includes(0x20)) return profile;
  return { ...profile, info: { ...profile.info, durationNs: -1 } };
}

void work([faulty]);
