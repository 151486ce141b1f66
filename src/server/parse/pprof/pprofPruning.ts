/** Decides by the profile's own patterns which frames are not shown. */
export interface FramePruning {
  /** A pattern is there but was not applied. */
  readonly isRefused: boolean;
  /** True when the frame and everything that it calls are to be left out. */
  drops(name: string): boolean;
}

const maxPatternLength = 4096;
const maxNameLength = 300;
const maxUnbounded = 3;

/** `drop` and `keep` are regular expressions that must match a whole function name; empty ones do nothing. */
export function framePruning(drop: string, keep: string): FramePruning {
  if (drop === '') return { isRefused: false, drops: () => false };
  const [dropped, kept] = [wholeMatch(drop), keep === '' ? undefined : wholeMatch(keep)];
  if (dropped === undefined || (keep !== '' && kept === undefined)) {
    return { isRefused: true, drops: () => false };
  }
  return {
    isRefused: false,
    drops: name => {
      const text = name.slice(0, maxNameLength);
      return dropped.test(text) && kept?.test(text) !== true;
    },
  };
}

/**
 * The pattern comes from the file, and JavaScript matches by trying: only patterns that cannot take long are used,
 * that is without repeated groups, look-around and back references, and with few unbounded repeats in each branch.
 */
function wholeMatch(pattern: string): RegExp | undefined {
  if (pattern.length > maxPatternLength || /\)[*+?{]|\(\?(?!:)|\\[1-9k]/.test(pattern)) return undefined;
  const bare = pattern.replace(/\\./g, 'x').replace(/\[[^\]]*\]/g, 'x');
  // Groups multiply their branches: then all of the pattern counts as one.
  const branches = bare.includes('(') ? [bare] : bare.split('|');
  const mostUnbounded = Math.max(...branches.map(branch => branch.match(/[*+]|\{\d+,/g)?.length ?? 0));
  if (mostUnbounded > maxUnbounded) return undefined;
  try {
    return new RegExp(`^(?:${pattern})$`);
  } catch {
    return undefined;
  }
}
