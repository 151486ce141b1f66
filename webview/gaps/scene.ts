import type { FramePalette } from '../../src/shared/framePalette';
import type { PanelStrings } from '../../src/shared/panelMessages';
import type { CanvasSize } from '../canvas/deviceSize';
import { positionOf, type Viewport } from '../canvas/viewport';
import type { GapIndex } from './gapIndex';
import type { GapPalette } from './gapPalette';
import type { SliceIndex } from './sliceIndex';
import type { Track } from './tracks';

/** Height of a track in CSS pixels. */
export const trackHeightPx = 22;

/** Everything a picture of the lanes is made of. */
export interface Scene {
  readonly index: SliceIndex;
  readonly gaps: GapIndex | null;
  readonly tracks: readonly Track[];
  readonly viewport: Viewport;
  readonly size: CanvasSize;
  readonly frames: FramePalette;
  readonly palette: GapPalette;
  readonly strings: PanelStrings;
}

/** A rectangle in device pixels. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

type Sized = Pick<Scene, 'viewport' | 'size'>;

/** Device pixels from one track's top to the next. */
export function trackPitch(ratio: number): number {
  return Math.round(trackHeightPx * ratio);
}

/** Where boxes of a track begin: below the room that parts it from the one above. */
export function boxTop({ viewport, size }: Sized, track: number): number {
  const scrolled = Math.round(viewport.scrollTopPx * size.ratio);
  return track * trackPitch(size.ratio) - scrolled + Math.round(2 * size.ratio);
}

/** How high a box is. */
export function boxHeight(ratio: number): number {
  return trackPitch(ratio) - Math.round(4 * ratio);
}

/** The tracks that the canvas shows, half-visible ones included. */
export function visibleTracks(scene: Sized & Pick<Scene, 'tracks'>): { from: number; to: number } {
  const pitch = trackPitch(scene.size.ratio);
  const top = Math.round(scene.viewport.scrollTopPx * scene.size.ratio);
  const from = Math.max(0, Math.floor(top / pitch));
  return { from, to: Math.min(scene.tracks.length, Math.ceil((top + scene.size.height) / pitch)) };
}

/** Where a stretch of time is drawn in a track, cut to the canvas's sides; at least a device pixel wide. */
export function rectOf(scene: Sized, track: number, span: { startNs: number; endNs: number }): Rect {
  const { viewport, size } = scene;
  const left = Math.max(0, Math.round(positionOf(viewport, span.startNs) * size.width));
  const right = Math.min(size.width, Math.round(positionOf(viewport, span.endNs) * size.width));
  return {
    x: left,
    y: boxTop(scene, track),
    width: Math.max(1, right - left),
    height: boxHeight(size.ratio),
  };
}
