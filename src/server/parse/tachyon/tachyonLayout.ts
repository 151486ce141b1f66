import { say } from '../../strings';
import { type ByteSource, rangeOf } from '../bytes/byteSource';

/** What the header, the statistics and the footer of a Tachyon file say. */
export interface TachyonLayout {
  readonly python: string;
  /** On the monotonic clock. */
  readonly startNs: number;
  readonly intervalNs: number;
  /** Measured, 0 unknown. */
  readonly durationNs: number;
  readonly rateHz: number;
  readonly sampleOffset: number;
  readonly stringOffset: number;
  readonly frameOffset: number;
  /** Where the frame table ends at the latest. */
  readonly tablesEnd: number;
  readonly stringCount: number;
  readonly frameCount: number;
  /** The sample records are packed with zstd. */
  readonly isPacked: boolean;
  /** Numbers of several bytes, varints apart, are in this order. */
  readonly isLittleEndian: boolean;
  /** As Python counts them, -1 unknown. */
  readonly mode: number;
  readonly isOnlyMainThread: boolean;
  /** The file is not as long as its footer says, or has none. */
  readonly isCutOff: boolean;
}

const headerBytes = 64;
const footerBytes = 32;
const statisticsBytes = 56;
const shortStatisticsBytes = 32;
const formatVersion = 1;

/** True when a file begins with Tachyon's magic number, in either order. */
export function isTachyonHeader(bytes: Uint8Array): boolean {
  const magic = String.fromCharCode(...bytes.subarray(0, 4));
  if (magic !== 'HCAT' && magic !== 'TACH') return false;
  return (magic === 'HCAT' ? bytes.subarray(5, 8) : bytes.subarray(4, 7)).every(byte => byte === 0);
}

/** True for the file of a run that was killed: its header is still to be written, but there are records. */
export function isZeroedHeader(bytes: Uint8Array): boolean {
  if (bytes.length < headerBytes + 16 || bytes.subarray(0, headerBytes).some(byte => byte !== 0))
    return false;
  const body = bytes.subarray(headerBytes);
  const isPacked = body[0] === 0x28 && body[1] === 0xb5 && body[2] === 0x2f && body[3] === 0xfd;
  // A first record has a thread, mostly the main interpreter, and a full stack.
  const isRecord = body[12] === 1 && body.subarray(8, 12).every(byte => byte === 0);
  return isPacked || (isRecord && body.subarray(0, 8).some(byte => byte !== 0));
}

/** The layout of a file, or the sentence that says why it cannot be read. */
export function readLayout(part: ByteSource): TachyonLayout | string {
  const header = rangeOf(part, 0, headerBytes);
  if (header.length < headerBytes) return say('cutOffAt');
  if (!isTachyonHeader(header)) return say('tachyonKilled');
  const isLittleEndian = header[0] === 0x48;
  const view = new Numbers(header, isLittleEndian);
  const version = view.u32(4);
  if (version !== formatVersion) return say('tachyonVersion', version);
  const offsets = tableOffsets(view);
  if (offsets === undefined) return say('damagedAt');
  const footer = readFooter(part, isLittleEndian);
  const flags = offsets.flagsAt < 0 ? 0 : view.u32(offsets.flagsAt);
  return {
    python: `${header[8]}.${header[9]}.${header[10]}`,
    startNs: view.u64(12) * 1000,
    intervalNs: view.u64(20) * 1000,
    ...offsets,
    ...footer,
    isLittleEndian,
    mode: (flags & 7) - 1,
    isOnlyMainThread: (flags & 8) !== 0 && (flags & 16) === 0,
    isCutOff: footer.isCutOff || offsets.frameOffset > part.size,
  };
}

interface TableOffsets {
  readonly sampleOffset: number;
  readonly stringOffset: number;
  readonly frameOffset: number;
  readonly isPacked: boolean;
  readonly flagsAt: number;
}

/** The sample count had 32 bits before 3.15.0rc1, so that what follows it lay four bytes nearer. */
function tableOffsets(view: Numbers): TableOffsets | undefined {
  for (const shift of [0, -4]) {
    const [stringOffset, frameOffset] = [view.u64(40 + shift), view.u64(48 + shift)];
    const packing = view.u32(56 + shift);
    if (stringOffset < headerBytes || frameOffset < stringOffset || packing > 1) continue;
    const isPacked = packing === 1;
    return {
      sampleOffset: headerBytes,
      stringOffset,
      frameOffset,
      isPacked,
      flagsAt: shift === 0 ? 60 : -1,
    };
  }
  return undefined;
}

type Footer = Pick<
  TachyonLayout,
  'stringCount' | 'frameCount' | 'tablesEnd' | 'durationNs' | 'rateHz' | 'isCutOff'
>;

function readFooter(part: ByteSource, isLittleEndian: boolean): Footer {
  const end = Math.max(part.size - footerBytes, 0);
  const footer = rangeOf(part, end, footerBytes);
  const view = new Numbers(footer, isLittleEndian);
  if (footer.length < footerBytes || view.u64(8) !== part.size) {
    const unknown = { stringCount: Number.MAX_SAFE_INTEGER, frameCount: Number.MAX_SAFE_INTEGER };
    return { ...unknown, tablesEnd: part.size, durationNs: 0, rateHz: 0, isCutOff: true };
  }
  const statistics = readStatistics(rangeOf(part, end - statisticsBytes, statisticsBytes), isLittleEndian);
  return {
    stringCount: view.u32(0),
    frameCount: view.u32(4),
    tablesEnd: end,
    ...statistics,
    isCutOff: false,
  };
}

/** Duration and rate, which stand in front of a mark, a version and a size. */
function readStatistics(bytes: Uint8Array, isLittleEndian: boolean): { durationNs: number; rateHz: number } {
  const none = { durationNs: 0, rateHz: 0 };
  if (bytes.length < statisticsBytes) return none;
  const view = new Numbers(bytes, isLittleEndian);
  if (String.fromCharCode(...bytes.subarray(40, 48)) !== 'TACHSTAT') return none;
  const size = view.u32(52);
  if (size !== statisticsBytes && size !== shortStatisticsBytes) return none;
  const at = statisticsBytes - size;
  const [seconds, rateHz] = [view.f64(at), view.f64(at + 8)];
  const isSane = seconds >= 0 && seconds < 1e9 && rateHz >= 0 && rateHz < 1e9;
  return isSane ? { durationNs: seconds * 1e9, rateHz } : none;
}

/** Fixed-size numbers in the writer's byte order. */
class Numbers {
  private readonly view: DataView;

  constructor(
    bytes: Uint8Array,
    private readonly isLittleEndian: boolean,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u32(at: number): number {
    return this.view.getUint32(at, this.isLittleEndian);
  }

  u64(at: number): number {
    return Number(this.view.getBigUint64(at, this.isLittleEndian));
  }

  f64(at: number): number {
    return this.view.getFloat64(at, this.isLittleEndian);
  }
}
