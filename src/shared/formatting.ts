/**
 * How numbers read, everywhere. Time has three significant digits and its natural unit; shares have no decimals
 * above 10 %, one below, and `<1%` under one per cent.
 */
import type { ValueUnit } from './profile';

/** `412 ms`, `1.84 s`, `2 m 05 s`, `3 h 07 m`. Rounds before it picks the unit, so 999.99 ms is `1.00 s`. */
export function formatDuration(durationNs: number): string {
  if (!Number.isFinite(durationNs)) return '?';
  if (durationNs < 0) return `-${formatDuration(-durationNs)}`;
  if (durationNs === 0) return '0 s';
  const seconds = durationNs / 1e9;
  if (Math.round(seconds * 10) / 10 >= 60) return formatMinutes(seconds);
  const scaled = pickUnit(durationNs);
  return `${threeDigits(scaled.value)} ${scaled.unit}`;
}

/** A sample's weight in its unit: a duration, `1.84 MB`, or a count. */
export function formatValue(value: number, unit: ValueUnit): string {
  if (unit === 'nanoseconds') return formatDuration(value);
  return unit === 'bytes' ? formatBytes(value) : formatCount(value);
}

/** Units of storage, smallest first. */
export const byteUnits = [
  { unit: 'B', size: 1 },
  { unit: 'KB', size: 1024 },
  { unit: 'MB', size: 1024 ** 2 },
  { unit: 'GB', size: 1024 ** 3 },
  { unit: 'TB', size: 1024 ** 4 },
] as const;

/** `912 B`, `1.84 MB`: steps of 1024, as file managers have them. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return '?';
  if (bytes < 0) return `-${formatBytes(-bytes)}`;
  // By the rounded figure: 1023.9 KB would read as 1024 KB.
  const { unit, size } =
    byteUnits.find(candidate => Math.round(bytes / candidate.size) < 1024) ?? byteUnits[4];
  return `${size === 1 ? bytes.toFixed(0) : threeDigits(bytes / size)} ${unit}`;
}

/** Units of time, smallest first. */
export const timeUnits = [
  { unit: 'ns', size: 1 },
  { unit: 'µs', size: 1e3 },
  { unit: 'ms', size: 1e6 },
  { unit: 's', size: 1e9 },
] as const;

/** `1.20–1.84 s`: a stretch of time in the unit of its end, fine enough to tell its ends apart. */
export function formatRange(startNs: number, endNs: number): string {
  const { unit, size } = [...timeUnits].reverse().find(candidate => candidate.size <= endNs) ?? timeUnits[0];
  const span = Math.max((endNs - startNs) / size, 1e-9);
  const decimals = Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(span))));
  return `${(startNs / size).toFixed(decimals)}–${(endNs / size).toFixed(decimals)} ${unit}`;
}

function pickUnit(durationNs: number): { value: number; unit: string } {
  for (const { unit, size } of timeUnits) {
    const value = Number((durationNs / size).toPrecision(3));
    if (value < 1000) return { value, unit };
  }
  return { value: durationNs / 1e9, unit: 's' };
}

function threeDigits(value: number): string {
  if (value >= 100) return value.toFixed(0);
  if (value >= 10) return trimZeros(value.toFixed(1));
  return value.toFixed(2);
}

/** `62.0 ms` reads as `62 ms`; seconds keep two decimals below ten. */
function trimZeros(text: string): string {
  return text.endsWith('.0') ? text.slice(0, -2) : text;
}

function formatMinutes(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${pad(whole % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} m`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}

/** `31%`, `4.2%`, `<1%`, `0%`. */
export function formatShare(share: number): string {
  if (!Number.isFinite(share)) return '?';
  const percent = share * 100;
  if (percent <= 0) return '0%';
  if (percent < 1) return '<1%';
  return percent < 9.95 ? `${percent.toFixed(1).replace(/\.0$/, '')}%` : `${Math.round(percent)}%`;
}

/** `12,391`: digits grouped by commas whatever the machine's locale, so that tests and screenshots agree. */
export function formatCount(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}
