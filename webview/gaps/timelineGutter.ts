import { formatCount, formatDuration } from '../../src/shared/formatting';
import type { PanelController } from '../controller';
import { element, fill } from '../elements';
import { laneName } from '../frameTexts';
import { loopLagOf } from './loopLag';
import { trackHeightPx } from './scene';
import type { Track } from './tracks';

/** The names left of the lanes. Only those in view are in the page. */
export class TimelineGutter {
  readonly element = element('div', { class: 'timeline-gutter timeline-names' });
  private shown: { tracks: readonly Track[]; scrollTopPx: number; heightPx: number } | undefined;

  constructor(private readonly panel: PanelController) {}

  /** Shows the names of the tracks in view, unless they stand there. */
  draw(tracks: readonly Track[], { scrollTopPx, heightPx }: { scrollTopPx: number; heightPx: number }): void {
    const { shown } = this;
    const isSame =
      shown?.tracks === tracks && shown.scrollTopPx === scrollTopPx && shown.heightPx === heightPx;
    if (isSame) return;
    this.shown = { tracks, scrollTopPx, heightPx };
    const from = Math.max(0, Math.floor(scrollTopPx / trackHeightPx));
    const to = Math.min(tracks.length, Math.ceil((scrollTopPx + heightPx) / trackHeightPx));
    const names: HTMLElement[] = [];
    for (let at = from; at < to; at++) {
      const track = tracks[at];
      if (!track) continue;
      const name = this.nameOf(track);
      name.style.transform = `translateY(${at * trackHeightPx - scrollTopPx}px)`;
      names.push(name);
    }
    this.element.replaceChildren(...names);
  }

  private nameOf(track: Track): HTMLElement {
    const { strings } = this.panel.state;
    if (track.kind === 'process')
      return element('div', { class: 'timeline-name is-process', text: fill(strings.process, track.pid) });
    if (track.kind === 'loopLag') return this.counterName(strings.lagRow, this.mostLag());
    if (track.kind === 'readyQueue') return this.counterName(strings.readyRow, this.mostReady());
    if (track.kind === 'machine') return this.counterName(this.machineName(), this.mostCores());
    const { text, title } = this.laneTexts(track.lane);
    return element('div', { class: `timeline-name${track.isTask ? ' is-task' : ''}`, text, title });
  }

  private counterName(name: string, most: string): HTMLElement {
    const about = most ? element('span', { class: 'timeline-most', text: most }) : null;
    return element('div', {
      class: 'timeline-name is-counter',
      title: [name, most].filter(Boolean).join(', '),
      children: [element('span', { text: name }), about],
    });
  }

  private machineName(): string {
    const { strings, timeline } = this.panel.state;
    const view = timeline.overview?.view;
    if (!view?.cpuCores.length) return strings.gcRow;
    return view.gcPauses.startNs.length > 0 ? strings.cpuAndGcRow : strings.cpuRow;
  }

  private mostCores(): string {
    const { strings, timeline } = this.panel.state;
    const most = timeline.overview?.view.cpuCores.reduce((top, value) => Math.max(top, value), 0) ?? 0;
    return most > 0 ? fill(strings.rowMost, fill(strings.coreCount, most.toFixed(1))) : '';
  }

  private mostReady(): string {
    const { strings, timeline } = this.panel.state;
    return fill(strings.rowMost, formatCount(timeline.overview?.view.mostReady ?? 0));
  }

  private mostLag(): string {
    const { strings, gaps } = this.panel.state;
    return gaps ? fill(strings.rowMost, formatDuration(loopLagOf(gaps).mostNs)) : '';
  }

  private laneTexts(index: number): { text: string; title: string } {
    const { summary, strings } = this.panel.state;
    const lane = summary?.lanes.find(candidate => candidate.index === index);
    const full = laneName(this.panel.state, index);
    if (!lane) return { text: full, title: full };
    const life = fill(
      strings.lifetime,
      full,
      formatCount(lane.sampleCount),
      formatDuration(lane.startNs),
      formatDuration(lane.endNs),
    );
    const parent =
      lane.kind === 'task' && lane.parent >= 0 ? `\n${laneName(this.panel.state, lane.parent)}` : '';
    return { text: lane.name || full, title: life + parent };
  }
}
