import { allTasks, allThreads, type FlameQuery } from '../src/shared/api';
import type { FlameView } from '../src/shared/views';
import type { PanelController } from './controller';
import { fill } from './elements';
import { type FrameRef, readBox, refOf, widestBoxOf } from './flame/boxes';
import type { HostChannel } from './hostChannel';
import { reportFailure } from './latestOnly';
import type { PanelState } from './state';

/** A place to look for a function. */
interface Attempt {
  readonly lane: number;
  readonly order: PanelState['order'];
  readonly ownCodeOnly: boolean;
  readonly minWidthNs: number;
}

/**
 * Shows the widest box of a function, as a CodeLens or a table row asks: marks the function, zooms to the box and
 * says so. Looks in the lane and order at hand first, then in all threads, then in the suspended tasks.
 */
export async function focusFunction(
  controller: PanelController,
  channel: HostChannel,
  functionId: number,
): Promise<void> {
  controller.chooseFunction(functionId);
  const { summary } = controller.state;
  if (!summary?.hasStacks) return;
  try {
    for (const attempt of attemptsFor(controller.state, summary.durationNs)) {
      const view = await channel.request(queryFor(attempt, controller.state));
      const box = readBox(view, widestBoxOf(view, functionId));
      if (box)
        return await goTo(controller, attempt, { ref: refOf(view, box), name: nameIn(view, box.func) });
    }
    const { strings, functions } = controller.state;
    const at = functions?.functions.id.indexOf(functionId) ?? -1;
    controller.announce(fill(strings.notInFlame, functions?.functions.names[at] ?? ''));
  } catch (error) {
    reportFailure(controller.store, error);
  }
}

function attemptsFor(state: PanelState, durationNs: number): Attempt[] {
  const { order, lane, ownCodeOnly } = state;
  const coarseNs = durationNs / 4000;
  const places = [
    { lane, order, ownCodeOnly, minWidthNs: coarseNs },
    { lane, order, ownCodeOnly: false, minWidthNs: 0 },
    { lane: allThreads, order, ownCodeOnly: false, minWidthNs: 0 },
  ];
  const hasTasks = state.summary?.lanes.some(candidate => candidate.kind === 'task');
  return hasTasks ? [...places, { lane: allTasks, order, ownCodeOnly: false, minWidthNs: 0 }] : places;
}

function queryFor(attempt: Attempt, state: PanelState): FlameQuery {
  const durationNs = state.summary?.durationNs ?? 0;
  const windowEndNs = durationNs * Math.max(1, state.summary?.lanes.length ?? 1);
  return {
    kind: 'flame',
    ...attempt,
    rangeStartNs: state.range?.startNs ?? 0,
    rangeEndNs: state.range?.endNs ?? durationNs,
    windowStartNs: 0,
    windowEndNs,
  };
}

/** Switches lane and filter of code where needed, waits for that picture, and zooms. */
async function goTo(
  controller: PanelController,
  attempt: Attempt,
  found: { ref: FrameRef; name: string },
): Promise<void> {
  if (attempt.ownCodeOnly !== controller.state.ownCodeOnly) controller.setOwnCodeOnly(attempt.ownCodeOnly);
  if (attempt.lane !== controller.state.lane) controller.setLane(attempt.lane);
  await pictureReady(controller);
  controller.flame.showFrame(found.ref);
  controller.flame.focus();
  controller.announce(fill(controller.state.strings.focused, found.name));
}

function pictureReady(controller: PanelController): Promise<void> {
  if (controller.flame.isPictureCurrent) return Promise.resolve();
  return new Promise(resolve => {
    const stop = controller.store.subscribe(() => {
      if (!controller.flame.isPictureCurrent) return;
      stop();
      resolve();
    });
  });
}

function nameIn(view: FlameView, func: number): string {
  return view.functions.names[func] ?? '';
}
