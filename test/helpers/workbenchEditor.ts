import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { until, untilValue } from './until';

/** A label behind the code of a line: what is painted and how. */
export interface Label {
  readonly line: number;
  readonly text: string;
  readonly color: string;
  readonly opacity: number;
}

export interface Tint {
  readonly line: number;
  readonly color: string;
  /** Pixels; a sub-expression's mark is narrower than its line. */
  readonly width: number;
}

export interface Lens {
  /** The line below the lens. */
  readonly line: number;
  readonly text: string;
}

/** The visible part of source editors: `group` counts editor groups from the left, 0 first. */
export class SourceEditor {
  constructor(private readonly page: Page) {}

  /** Resolves when the active editor has the text of that file on the screen. */
  async untilReady(path: string): Promise<void> {
    await this.page.waitForFunction(isActive, path, { timeout: 15_000 });
  }

  async labels(group = 0): Promise<Label[]> {
    return (await this.page.evaluate(readEditors)).at(group)?.labels ?? [];
  }

  async tints(group = 0): Promise<Tint[]> {
    return (await this.page.evaluate(readEditors)).at(group)?.tints ?? [];
  }

  /** Underlined or otherwise marked sub-expressions: the marked text by line. */
  async spans(group = 0): Promise<{ line: number; text: string }[]> {
    return (await this.page.evaluate(readEditors)).at(group)?.spans ?? [];
  }

  async lenses(group = 0): Promise<Lens[]> {
    return (await this.page.evaluate(readEditors)).at(group)?.lenses ?? [];
  }

  /** Texts of the visible lines by number. */
  async lines(group = 0): Promise<Map<number, string>> {
    const lines = (await this.page.evaluate(readEditors)).at(group)?.lines ?? [];
    return new Map(lines.map(({ line, text }) => [line, text]));
  }

  /** Number of the visible line whose text contains `text`. */
  async lineOf(text: string, group = 0): Promise<number> {
    const found = await until(`the line «${text}»`, async () =>
      [...(await this.lines(group))].find(([, line]) => line.includes(text)),
    );
    return found[0];
  }

  async label(text: string, group = 0): Promise<Label | undefined> {
    const line = await this.lineOf(text, group);
    return (await this.labels(group)).find(label => label.line === line);
  }

  /** How many pixels of the overview ruler have each colour, transparent ones left out. */
  async rulerColors(): Promise<Map<string, number>> {
    return new Map(await this.page.evaluate(readRuler));
  }

  /** Where the caret is painted, whichever part of the window has the focus. */
  async caret(group = 0): Promise<{ line: number; height: number }> {
    const editor = (await this.page.evaluate(readEditors)).at(group);
    return { line: editor?.caretLine ?? 0, height: editor?.caretHeight ?? 0 };
  }

  /** Puts the keyboard into an editor group, the leftmost first. */
  async focus(group = 0): Promise<void> {
    await until(`the focus in editor group ${group}`, async () => {
      await this.page.keyboard.press(`Control+${group + 1}`);
      return this.page.evaluate(isSourceFocused);
    });
  }

  /**
   * Saves with the keyboard and resolves when the workbench says that it did: the text is on the disk before
   * that, and whoever changes the file in between is not noticed.
   */
  async save(): Promise<void> {
    await this.page.keyboard.press('Control+s');
    await this.page
      .locator('.editor-group-container.active .tab.active:not(.dirty)')
      .waitFor({ timeout: 20_000 });
  }

  /** Moves the caret to a line (1-based) of the active editor. */
  async goToLine(line: number, column = 1): Promise<void> {
    await this.focus();
    await until(`line ${line}`, async () => {
      await this.page.keyboard.press('Control+g');
      await this.page
        .locator('.quick-input-widget input')
        .first()
        .fill(`:${line}:${column}`, { timeout: 3_000 });
      await this.page.keyboard.press('Enter');
      return (await this.caret()).line === line;
    });
    // The caret is there as soon as the number is typed, while the input still has the keys.
    await this.focus();
  }

  /** Scrolls a line of a file that is open, unedited, into view: the first one that contains `text`. */
  async show(path: string, text: string): Promise<void> {
    const line =
      readFileSync(path, 'utf8')
        .split('\n')
        .findIndex(candidate => candidate.includes(text)) + 1;
    await this.goToLine(line);
  }

  /** Clicks into the code of a line. */
  async clickLine(text: string): Promise<void> {
    await this.page.locator('.view-line', { hasText: text }).first().locator('span > span').first().click();
  }

  /** Puts the mouse on a word of the code and answers the text of the hover that `isGood`. */
  async hover(lineText: string, word: string, isGood: (text: string) => boolean): Promise<string> {
    const read = async () => {
      const place = await this.page.evaluate(placeOf, { lineText, word });
      if (place === null) return '';
      await this.page.mouse.move(place.x + 40, place.y - 60);
      await this.page.mouse.move(place.x, place.y, { steps: 4 });
      const hover = this.page
        .locator('.monaco-editor .monaco-hover:not(.hidden)')
        .filter({ visible: true })
        .first();
      await hover.waitFor({ timeout: 4_000 });
      return (await hover.allInnerTexts()).join('\n');
    };
    return untilValue(`the hover on «${word}»`, read, isGood);
  }

  async clickLens(text: string): Promise<void> {
    await this.page.locator('.codelens-decoration a', { hasText: text }).first().click();
  }
}

interface EditorContents {
  readonly labels: Label[];
  readonly tints: Tint[];
  readonly spans: { line: number; text: string }[];
  readonly lenses: Lens[];
  readonly lines: { line: number; text: string }[];
  readonly caretLine: number;
  /** Middle of the caret's line, as a part of the editor's height. */
  readonly caretHeight: number;
}

/** Runs in the page: everything painted in the visible source editors, ordered from left to right. */
function readEditors(): EditorContents[] {
  const roots = [
    ...document.querySelectorAll<HTMLElement>('.editor-group-container .editor-instance .monaco-editor'),
  ];
  const left = (element: Element) => element.getBoundingClientRect().left;
  const shown = roots.filter(root => root.getBoundingClientRect().width > 0);
  return shown.sort((a, b) => left(a) - left(b)).map(readEditor);

  function readEditor(root: HTMLElement): EditorContents {
    const numbers = lineNumbers(root);
    const lineAt = (element: Element) => numbers.get(Math.round(element.getBoundingClientRect().top)) ?? 0;
    const viewLines = [...root.querySelectorAll('.view-lines .view-line')];
    const overlays = [...root.querySelectorAll('.view-overlays [class*="ced-"]')];
    return {
      labels: viewLines.flatMap(line => labelsOf(line, lineAt(line))),
      tints: overlays.map(overlay => tintOf(overlay, lineAt(overlay))).filter(tint => !isClear(tint.color)),
      spans: overlays
        .filter(isUnderline)
        .map(overlay => spanOf(overlay, { line: lineAt(overlay), viewLines })),
      lenses: [...root.querySelectorAll('.codelens-decoration')].flatMap(lens => lensOf(lens, numbers)),
      lines: viewLines.map(line => ({ line: lineAt(line), text: textOf(line) })),
      ...caretOf(root, lineAt),
    };
  }

  function caretOf(root: HTMLElement, lineAt: (element: Element) => number) {
    const cursor = root.querySelector('.cursors-layer .cursor');
    if (cursor === null) return { caretLine: 0, caretHeight: 0 };
    const [inner, outer] = [cursor.getBoundingClientRect(), root.getBoundingClientRect()];
    return {
      caretLine: lineAt(cursor),
      caretHeight: (inner.top + inner.height / 2 - outer.top) / outer.height,
    };
  }

  function lineNumbers(root: HTMLElement): Map<number, number> {
    const numbers = [...root.querySelectorAll('.margin-view-overlays .line-numbers')];
    return new Map(
      numbers.map(number => [
        Math.round((number.parentElement ?? number).getBoundingClientRect().top),
        Number(number.textContent),
      ]),
    );
  }

  function labelsOf(viewLine: Element, line: number): Label[] {
    return [...viewLine.querySelectorAll('[class*="ced-"]')].flatMap(element => {
      const style = getComputedStyle(element, '::after');
      if (style.content === 'none' || style.content === 'normal') return [];
      const text = style.content.replace(/^"|"$/g, '').replaceAll('\u00a0', ' ').trim();
      return text === '' ? [] : [{ line, text, color: style.color, opacity: Number(style.opacity) }];
    });
  }

  function tintOf(overlay: Element, line: number): Tint {
    const color = getComputedStyle(overlay).backgroundColor;
    return { line, color, width: overlay.getBoundingClientRect().width };
  }

  function isClear(color: string): boolean {
    return /^rgba\(.*, 0\)$/.test(color);
  }

  function isUnderline(overlay: Element): boolean {
    const { borderBottomStyle, borderBottomWidth } = getComputedStyle(overlay);
    return borderBottomStyle !== 'none' && Number.parseFloat(borderBottomWidth) > 0;
  }

  /** The characters above an underline. */
  function spanOf(
    overlay: Element,
    at: { line: number; viewLines: Element[] },
  ): { line: number; text: string } {
    const { left, right, top } = overlay.getBoundingClientRect();
    const viewLine = at.viewLines.find(
      candidate => Math.abs(candidate.getBoundingClientRect().top - top) < 4,
    );
    let text = '';
    if (viewLine === undefined) return { line: at.line, text };
    const walker = document.createTreeWalker(viewLine, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      for (const [index, character] of [...(node.textContent ?? '')].entries()) {
        const range = document.createRange();
        range.setStart(node, index);
        range.setEnd(node, index + 1);
        const box = range.getBoundingClientRect();
        const middle = box.left + box.width / 2;
        if (middle > left && middle < right) text += character;
      }
    }
    return { line: at.line, text: text.replaceAll('\u00a0', ' ') };
  }

  function lensOf(lens: Element, numbers: Map<number, number>): Lens[] {
    const bottom = lens.getBoundingClientRect().bottom;
    if (bottom <= 0) return [];
    const below = [...numbers].filter(([top]) => top >= bottom - 4).sort(([a], [b]) => a - b)[0];
    return [{ line: below?.[1] ?? 0, text: textOf(lens).trim() }];
  }

  function textOf(element: Element): string {
    return (element.textContent ?? '').replaceAll('\u00a0', ' ').replaceAll('\u200b', '');
  }
}

/** Runs in the page: whether typed text goes into source code. */
function isSourceFocused(): boolean {
  return document.activeElement?.closest('.editor-instance .monaco-editor') != null;
}

/** Runs in the page: the colours in the first editor's overview ruler. */
function readRuler(): [string, number][] {
  const canvas = document.querySelector<HTMLCanvasElement>(
    '.editor-instance canvas.decorationsOverviewRuler',
  );
  const context = canvas?.getContext('2d');
  if (!canvas || !context) return [];
  const counts = new Map<string, number>();
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  for (let at = 0; at < data.length; at += 4) {
    if ((data[at + 3] ?? 0) < 16) continue;
    const color = `${data[at]},${data[at + 1]},${data[at + 2]}`;
    counts.set(color, (counts.get(color) ?? 0) + 1);
  }
  return [...counts];
}

/** Runs in the page: the middle of a word in a visible line. */
function placeOf(asked: { lineText: string; word: string }): { x: number; y: number } | null {
  const clean = (text: string | null) => (text ?? '').replaceAll('\u00a0', ' ');
  const lines = [...document.querySelectorAll('.view-line')];
  const line = lines.find(candidate => clean(candidate.textContent).includes(asked.lineText));
  if (line === undefined) return null;
  const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const at = clean(node.textContent).indexOf(asked.word);
    if (at < 0) continue;
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + asked.word.length);
    const box = range.getBoundingClientRect();
    return { x: box.left + box.width / 2, y: box.top + box.height / 2 };
  }
  return null;
}

/** Runs in the page. */
function isActive(path: string): boolean {
  return [...document.querySelectorAll('.editor-group-container.active .monaco-editor[data-uri]')].some(
    editor =>
      decodeURIComponent(new URL(editor.getAttribute('data-uri') ?? '').pathname) === path &&
      editor.querySelector('.view-line') !== null,
  );
}
