/**
 * Stands in for VS Code in the harness's page: `acquireVsCodeApi` whose messages are answered by the real analysis
 * of a sample profile. `window.harness` lets a test see what was posted and send what a host would send.
 */

import type { RunSummary, ViewQuery } from '../../../src/shared/api';
import { type FromPanel, panelStringsEnglish, type ToPanel } from '../../../src/shared/panelMessages';
import type { Profile } from '../../../src/shared/profile';
import { encodeSlab } from '../../../src/shared/slab';
import type { GapsView, View } from '../../../src/shared/views';
import { summaryOf, viewOf } from './harnessViews';
import { sampleGaps } from './sampleGaps';
import { sampleProfile } from './sampleProfile';
import { crowdedTimeline } from './sampleTimeline';

/** What a test reaches through the page's `window`. */
export interface Harness {
  readonly posted: FromPanel[];
  send(message: ToPanel): void;
  profile?: Profile;
  /** The gaps that were sent. */
  gaps?: GapsView;
  /** Boxes of the last flame graph that was sent. */
  flameBoxes?: number;
}

declare global {
  interface Window {
    harness: Harness;
    acquireVsCodeApi(): unknown;
  }
}

const options = new URLSearchParams(location.search);
Object.assign(globalThis, { setImmediate: (work: () => void) => setTimeout(work, 0) });

const posted: FromPanel[] = [];
const send = (message: ToPanel): void => window.postMessage(message, '*');
window.harness = { posted, send };
window.acquireVsCodeApi = () => ({
  postMessage: (message: FromPanel) => void receive(message),
  getState: () => JSON.parse(sessionStorage.getItem('state') ?? 'null') as unknown,
  setState: (state: unknown) => sessionStorage.setItem('state', JSON.stringify(state)),
});

async function receive(message: FromPanel): Promise<void> {
  posted.push(message);
  if (message.type === 'ready') await answerReady();
  if (message.type !== 'view' || !window.harness.profile) return;
  const { profile } = window.harness;
  const view = answerTo(profile, message.query);
  if (view.kind === 'gaps') window.harness.gaps = view;
  if (view.kind === 'flame') window.harness.flameBoxes = view.boxes.length;
  const slab = encodeSlab(view);
  send({ type: 'slab', id: message.id, slab: slab.buffer as ArrayBuffer });
}

function answerTo(profile: Profile, query: ViewQuery): View {
  const sliceCount = Number(options.get('slices') ?? 0);
  if (query.kind === 'gaps' && options.has('gaps')) return sampleGaps(profile);
  if (query.kind === 'timeline' && sliceCount > 0) return crowdedTimeline(profile, query, sliceCount);
  return viewOf(profile, query);
}

async function answerReady(): Promise<void> {
  const show = options.get('show') ?? 'run';
  if (show === 'loading') return send({ type: 'loading', message: panelStringsEnglish.loading, share: 0.4 });
  if (show === 'failed') {
    const action = { label: 'Show Log', command: 'pyrolens.showLog' };
    return send({ type: 'failed', message: 'This run cannot be read: its first chunk is damaged.', action });
  }
  const turns = Number(options.get('turns') ?? 9);
  const [fanOut = 0, tasks = 0] = ['fanOut', 'tasks'].map(name => Number(options.get(name) ?? 0));
  const profile = await sampleProfile({ turns, fanOut, tasks });
  window.harness.profile = profile;
  const order = options.get('order') === 'timeOrder' ? 'timeOrder' : 'leftHeavy';
  send({
    type: 'run',
    summary: changed(summaryOf(profile), show),
    strings: panelStringsEnglish,
    options: { order, ownCodeOnly: false },
    live: show === 'live' ? 'following' : 'ended',
  });
}

function changed(summary: RunSummary, show: string): RunSummary {
  if (show === 'few') return { ...summary, sampleCount: 41 };
  if (show === 'empty') return { ...summary, sampleCount: 0 };
  if (show === 'foreign') return foreign(summary);
  if (show === 'foreignEmpty') return { ...foreign(summary), sampleCount: 0 };
  if (show !== 'calls') return summary;
  return {
    ...summary,
    engine: 'cProfile',
    hasStacks: false,
    isSampled: false,
    hasCpu: false,
    hasCalls: true,
    hasTimeAxis: false,
  };
}

/** As a damaged file of another tool, without a time axis. */
function foreign(summary: RunSummary): RunSummary {
  return {
    ...summary,
    ...{ name: 'profile.speedscope.json', engine: 'speedscope', isImported: true, hasTimeAxis: false },
    ...{ exitText: '', commit: '', changedFileCount: 0, python: '', overheadShare: null, rateHzReached: 0 },
    notes: ['py-spy’s speedscope files have no common clock: no timeline.'],
    problems: [
      {
        message: 'The file ends in the midst of its data: everything before it was kept.',
        part: 'profile.speedscope.json',
        offset: 1_048_576,
      },
      { message: 'The part was left out.', part: 'threads.json', offset: -1 },
    ],
    problemCount: 2,
  };
}
