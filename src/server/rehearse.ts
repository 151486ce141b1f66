import type { Settings } from '../shared/settings';
import { identityMap } from './analyze/lineMap';
import { documentTimings } from './features/documentTimings';
import { computeView } from './features/views';
import type { OpenRun } from './loadedRun';

const wholeRun = { lane: -1, rangeStartNs: 0, rangeEndNs: 0, path: [], ownCodeOnly: false };
const wholePicture = { minWidthNs: 0, windowStartNs: 0, windowEndNs: 0 };

/**
 * Works out what a finished recording is asked for first (line numbers, functions, flame graph) and throws it away. Code that
 * ran before answers two to three times as fast, and while the program runs there is time for it.
 */
export function rehearse(open: OpenRun, settings: Settings): void {
  const measurement = open.measure();
  for (const file of measurement.lines.items.byFile.keys()) {
    const recordedLines = open.recordedLines(file);
    const view = { uri: '', file, presentLines: recordedLines, recordedLines, map: identityMap };
    documentTimings({ open, measurement, view, scaleLabel: '' }, settings);
  }
  computeView(open, { kind: 'functions', ...wholeRun });
  computeView(open, { kind: 'flame', order: 'leftHeavy', ...wholeRun, ...wholePicture });
}
