import { DamagedBytes } from '../bytes/byteReader';
import { ProtoReader, wireType } from './protobuf';

/** Field numbers of a pprof profile (google/pprof, proto/profile.proto). */
export const profileField = {
  sampleType: 1,
  sample: 2,
  mapping: 3,
  location: 4,
  function: 5,
  string: 6,
  dropFrames: 7,
  keepFrames: 8,
  timeNanos: 9,
  durationNanos: 10,
  periodType: 11,
  period: 12,
  defaultSampleType: 14,
} as const;

/** Per field of the profile: the fields of its message, `v` a number, `r` repeated numbers, `m` a message. */
const messages: Readonly<Record<number, Readonly<Record<number, string>>>> = {
  1: { 1: 'v', 2: 'v' },
  2: { 1: 'r', 2: 'r', 3: 'm' },
  3: { 1: 'v', 2: 'v', 3: 'v', 4: 'v', 5: 'v', 6: 'v', 7: 'v', 8: 'v', 9: 'v', 10: 'v' },
  4: { 1: 'v', 2: 'v', 3: 'v', 4: 'm', 5: 'v' },
  5: { 1: 'v', 2: 'v', 3: 'v', 4: 'v', 5: 'v' },
  11: { 1: 'v', 2: 'v' },
};
/** Numbers and, as for any field of a profile, how often they may come. */
const numberFields = new Set([7, 8, 9, 10, 12, 14, 15]);
const lastKnownField = 15;
const maxFieldsLookedAt = 200;

/**
 * True when bytes are the beginning of a pprof profile: they have no magic number, so every field up to the end or the
 * 200th must be one that a profile has, with the inner fields that it has there; a newer one may come later. `isWhole`: nothing may be cut off.
 */
export function isPprof(bytes: Uint8Array, isWhole: boolean): boolean {
  const reader = new ProtoReader().reset(bytes);
  const seen = new Set<number>();
  let count = 0;
  let seenCount = 0;
  try {
    while (count < maxFieldsLookedAt && reader.next()) {
      // Fields of the future are believed once there are enough of today's.
      const isFuture = reader.field > lastKnownField && seenCount >= 3;
      if (!isFuture && !isProfileField(reader)) return false;
      if (!isFuture) seenCount++;
      if (reader.wire === wireType.bytes && reader.end > reader.start) seen.add(reader.field);
      count++;
    }
  } catch (error) {
    if (!(error instanceof DamagedBytes)) throw error;
    // A profile may be cut off, or its beginning end in the midst of a field; two fields are no proof then.
    const isEnough = count >= (isWhole ? 3 : 1);
    if (!isEnough) return false;
  }
  return [1, 2, 4, 5].some(field => seen.has(field));
}

function isProfileField(reader: ProtoReader): boolean {
  const { field, wire, bytes, start, end } = reader;
  if (field === profileField.string) return wire === wireType.bytes && isText(bytes.subarray(start, end));
  if (numberFields.has(field)) return wire === wireType.varint;
  // Comments may be packed or not.
  if (field === 13) return wire === wireType.varint || wire === wireType.bytes;
  const inner = messages[field];
  return inner !== undefined && wire === wireType.bytes && isMessage(bytes.subarray(start, end), inner);
}

function isMessage(bytes: Uint8Array, shape: Readonly<Record<number, string>>): boolean {
  const reader = new ProtoReader().reset(bytes);
  try {
    while (reader.next()) {
      const kind = shape[reader.field];
      if (kind === undefined) return false;
      if (kind === 'v' && reader.wire !== wireType.varint) return false;
      if (kind === 'm' && reader.wire !== wireType.bytes) return false;
      if (kind === 'r') reader.eachNumber(() => undefined);
    }
    return true;
  } catch (error) {
    if (!(error instanceof DamagedBytes)) throw error;
    return false;
  }
}

function isText(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
