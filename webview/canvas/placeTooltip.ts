/** Where the pointer and the thing below it are, in CSS pixels from the corner of the tooltip's parent. */
export interface TooltipPlace {
  readonly xPx: number;
  readonly frameTopPx: number;
  readonly frameBottomPx: number;
}

/** Puts a tooltip below what it is about, or above it where there is more room; never on it. */
export function placeTooltip(tooltip: HTMLElement, place: TooltipPlace): void {
  const { offsetWidth, offsetHeight, parentElement } = tooltip;
  const roomPx = parentElement?.clientWidth ?? 0;
  const heightPx = parentElement?.clientHeight ?? 0;
  const leftPx = Math.max(4, Math.min(place.xPx + 14, roomPx - offsetWidth - 4));
  const isRoomBelow = place.frameBottomPx + 8 + offsetHeight <= heightPx;
  const abovePx = place.frameTopPx - 8 - offsetHeight;
  const topPx = isRoomBelow || abovePx < 0 ? place.frameBottomPx + 8 : abovePx;
  tooltip.style.transform = `translate(${Math.round(leftPx)}px, ${Math.round(topPx)}px)`;
}
