import type { Frame, Page } from 'playwright-core';
import { until } from './until';

const rowPx = 22;

/** A point of the flame graph, in the window's pixels, with what its tooltip says there. */
export interface FramePoint {
  readonly x: number;
  readonly y: number;
  readonly tooltip: string;
}

/** The result editor: the page inside the webview inside the workbench. */
export class ResultView {
  constructor(private readonly page: Page) {}

  /** True when a result editor is visible. */
  async isOpen(): Promise<boolean> {
    return (await this.outer().count()) > 0;
  }

  /** Other pages of the window (a walkthrough's) are webviews too; hidden ones stay in the document. */
  private outer() {
    return this.page
      .locator('iframe.webview.ready[src*="extensionId=pyrolens.pyrolens"]')
      .filter({ visible: true })
      .first();
  }

  /** The innermost document of the visible result editor. */
  async frame(): Promise<Frame> {
    return until('the result editor', async () => {
      const outer = await (await this.outer().elementHandle({ timeout: 3_000 }))?.contentFrame();
      const inner = await (await outer?.waitForSelector('#active-frame', { timeout: 3_000 }))?.contentFrame();
      return inner ?? undefined;
    });
  }

  /** Everything the page says, as the user sees it. */
  async text(): Promise<string> {
    const [text] = await (await this.frame()).locator('body').allInnerTexts();
    return text ?? '';
  }

  /** Resolves when boxes are painted: the graph's canvas has more than a few colours. */
  async untilPainted(timeoutMs = 30_000): Promise<void> {
    await until(
      'a painted flame graph',
      async () => (await (await this.frame()).evaluate(countColors)) > 4,
      timeoutMs,
    );
  }

  /** Searches the graph from the top with the mouse for a frame whose tooltip `isWanted`. */
  async findFrame(isWanted: (tooltip: string) => boolean): Promise<FramePoint> {
    const seen = new Set<string>();
    const isEnough = ({ tooltip }: FramePoint) => {
      seen.add(tooltip);
      return isWanted(tooltip);
    };
    try {
      return await until('the frame', () => this.sweep(isEnough), 30_000);
    } catch {
      throw new Error(`No such frame; the tooltips were:\n${[...seen].join('\n---\n')}`);
    }
  }

  private async sweep(isEnough: (point: FramePoint) => boolean): Promise<FramePoint | undefined> {
    const canvas = (await this.frame()).locator('canvas.flame-boxes');
    const box = await canvas.boundingBox();
    if (box === null) return undefined;
    const rowsPerPage = Math.max(1, Math.floor(box.height / rowPx) - 1);
    await this.scroll(box, -100);
    for (let page = 0; page < 6; page++) {
      for (let row = 0; row <= rowsPerPage; row++) {
        const found = await this.sweepRow(box, box.y + rowPx / 2 + row * rowPx, isEnough);
        if (found) return found;
      }
      await this.scroll(box, rowsPerPage);
    }
    return undefined;
  }

  private async sweepRow(
    box: { x: number; y: number; width: number; height: number },
    y: number,
    isEnough: (point: FramePoint) => boolean,
  ): Promise<FramePoint | undefined> {
    if (y > box.y + box.height - 2) return undefined;
    const tooltip = (await this.frame()).locator('.frame-tooltip:not([hidden])');
    for (let x = box.x + 3; x < box.x + box.width; x += 18) {
      await this.page.mouse.move(x, y);
      const [text] = await tooltip.allInnerTexts();
      if (text !== undefined && isEnough({ x, y, tooltip: text })) return { x, y, tooltip: text };
    }
    return undefined;
  }

  private async scroll(
    box: { x: number; y: number; width: number; height: number },
    rows: number,
  ): Promise<void> {
    await this.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await this.page.mouse.wheel(0, rows * rowPx);
  }

  /** Clicks a point of the graph. */
  async click(point: FramePoint, modifier?: 'Control'): Promise<void> {
    if (modifier) await this.page.keyboard.down(modifier);
    await this.page.mouse.click(point.x, point.y);
    if (modifier) await this.page.keyboard.up(modifier);
  }

  /** Presses a key in the flame graph. */
  async press(key: string): Promise<void> {
    await (await this.frame()).locator('canvas.flame-boxes').press(key);
  }
}

/** Runs in the webview. */
function countColors(): number {
  const canvas = document.querySelector<HTMLCanvasElement>('canvas.flame-boxes');
  const context = canvas?.getContext('2d');
  if (!canvas || !context || canvas.width === 0 || canvas.height === 0) return 0;
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const colors = new Set<number>();
  for (let at = 0; at < data.length; at += 4 * 37) {
    colors.add(((data[at] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0));
  }
  return colors.size;
}
