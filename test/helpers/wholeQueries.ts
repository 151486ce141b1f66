/** What views ask for when nothing is selected. */
import type { FlameQuery, FunctionsQuery } from '../../src/shared/api';

/** The flame graph of all threads together, left-heavy. */
export const wholeFlame: FlameQuery = {
  kind: 'flame',
  order: 'leftHeavy',
  lane: -1,
  rangeStartNs: 0,
  rangeEndNs: 0,
  minWidthNs: 0,
  windowStartNs: 0,
  windowEndNs: 0,
  ownCodeOnly: false,
};

/** The table of all functions. */
export const wholeFunctions: FunctionsQuery = {
  kind: 'functions',
  lane: -1,
  rangeStartNs: 0,
  rangeEndNs: 0,
  path: [],
  ownCodeOnly: false,
};
