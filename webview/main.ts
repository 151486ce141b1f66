/** Composition of the result editor's page: state, channel, source of pictures, views. */
import './style.css';
import { PanelController } from './controller';
import { FlameSource } from './flame/flameSource';
import { focusFunction } from './focusFunction';
import { keepGapsFresh } from './gaps/gapQueries';
import { GapsController } from './gaps/gapsController';
import { TimelineSource } from './gaps/timelineSource';
import { openHostChannel, type VsCodeApi } from './hostChannel';
import { reportFailure } from './latestOnly';
import { MessageHandler } from './messageHandler';
import { buildPanel, buildStatePane } from './panel';
import { initialState, keepState, type PanelState } from './state';
import { createStore, type Store } from './store';
import { keepTablesFresh } from './tableQueries';
import { readTheme, watchTheme } from './theme';
import { registerControls } from './ui/toolkit';

declare function acquireVsCodeApi(): VsCodeApi;

const keepAfterMs = 250;

function start(root: HTMLElement): void {
  registerControls();
  const api = acquireVsCodeApi();
  const stored = api.getState();
  const store = createStore<PanelState>(initialState);
  const channel = openHostChannel(api, message => messages.handle(message));
  const source = new FlameSource(
    query => channel.request(query),
    picture => controller.flame.takePicture(picture),
    error => reportFailure(store, error),
  );
  const timelineSource = new TimelineSource(
    query => channel.request(query),
    picture => gaps.takePicture(picture),
    error => reportFailure(store, error),
  );
  const controller = new PanelController(store, channel, source);
  const gaps = new GapsController(controller, timelineSource);
  const focusInFlame = (id: number): void => void focusFunction(controller, channel, id);
  const messages = new MessageHandler({
    controller,
    channel,
    sources: [source, timelineSource],
    stored,
    showGaps: group => gaps.showGroup(group),
    build: () => buildWithTheme(root, controller, { gaps, focusInFlame }),
  });
  buildStatePane(root, controller);
  keepTablesFresh(store, channel);
  keepGapsFresh(store, channel);
  keepAcrossReloads(store, api);
  channel.post({ type: 'ready', isRestored: stored !== undefined && stored !== null });
}

function buildWithTheme(
  root: HTMLElement,
  controller: PanelController,
  parts: { gaps: GapsController; focusInFlame(functionId: number): void },
): void {
  const theme = readTheme();
  controller.hasReducedMotion = theme.hasReducedMotion;
  const panel = buildPanel(root, controller, { theme, ...parts });
  watchTheme(changed => {
    controller.hasReducedMotion = changed.hasReducedMotion;
    panel.setTheme(changed);
  });
}

/** Keeps zoom, selection, filter and layout; written when things have settled, not at every frame. */
function keepAcrossReloads(store: Store<PanelState>, api: VsCodeApi): void {
  let timer = 0;
  store.subscribe(() => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => {
      const kept = keepState(store.state);
      if (kept) api.setState(kept);
    }, keepAfterMs);
  });
}

const root = document.getElementById('app');
if (root) start(root);
