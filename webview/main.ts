/** Composition of the result editor's page: state, channel, source of pictures, views. */
import './style.css';
import { PanelController } from './controller';
import { FlameSource } from './flame/flameSource';
import { focusFunction } from './focusFunction';
import { openHostChannel, type VsCodeApi } from './hostChannel';
import { MessageHandler } from './messageHandler';
import { buildPanel, buildStatePane } from './panel';
import { initialState, keepState, type PanelState } from './state';
import { createStore, type Store } from './store';
import { keepTablesFresh, reportFailure } from './tableQueries';
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
    picture => controller.takePicture(picture),
    error => reportFailure(store, error),
  );
  const controller = new PanelController(store, channel, source);
  const messages = new MessageHandler({
    controller,
    channel,
    source,
    stored,
    build: () => buildWithTheme(root, controller, id => void focusFunction(controller, channel, id)),
  });
  buildStatePane(root, controller);
  keepTablesFresh(store, channel);
  keepAcrossReloads(store, api);
  channel.post({ type: 'ready', isRestored: stored !== undefined && stored !== null });
}

function buildWithTheme(
  root: HTMLElement,
  controller: PanelController,
  focusInFlame: (functionId: number) => void,
): void {
  const theme = readTheme();
  controller.hasReducedMotion = theme.hasReducedMotion;
  const panel = buildPanel(root, controller, { theme, focusInFlame });
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
