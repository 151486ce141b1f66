import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Frame, type Page } from 'playwright-core';
import { until } from './until';
import { SourceEditor } from './workbenchEditor';
import { ensureChromium } from './workbenchInstall.mjs';
import { ResultView } from './workbenchResult';
import { copyFolder, type ServerOptions, type ThemeName, WorkbenchServer } from './workbenchServer';

export interface WorkbenchOptions extends ServerOptions {
  /** Folders to copy into the workspace, by the name of the copy. None: no folder is open. */
  readonly folders?: Readonly<Record<string, string>>;
}

const windowSize = { width: 1400, height: 850 };

/** A real VS Code window in a headless browser, and what a user does in it. */
export class Workbench {
  readonly editor: SourceEditor;
  readonly result: ResultView;

  private constructor(
    readonly server: WorkbenchServer,
    /** Absolute paths of the workspace's folders, as copied. */
    readonly folders: readonly string[],
    private readonly browser: Browser,
    readonly page: Page,
  ) {
    this.editor = new SourceEditor(page);
    this.result = new ResultView(page);
  }

  /** Starts a server of its own and opens a window on copies of the folders; resolves when it can be used. */
  static async start(options: WorkbenchOptions): Promise<Workbench> {
    const server = await WorkbenchServer.start(options);
    const folders = Object.entries(options.folders ?? {}).map(([name, from]) =>
      copyFolder(server, from, name),
    );
    const browser = await launchBrowser();
    const page = await (await browser.newContext({ viewport: windowSize })).newPage();
    const workbench = new Workbench(server, folders, browser, page);
    await workbench.open();
    return workbench;
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
  }

  /** Opens the window anew, again and again until the workbench has come up. */
  async open(): Promise<void> {
    const url = this.server.address + this.query();
    await until('the workbench', () => this.tryOpen(url), 120_000);
  }

  /** «Developer: Reload Window», which lets the workbench store its state first; resolves when it is usable again. */
  async reload(): Promise<void> {
    const loaded = this.page.waitForEvent('domcontentloaded', { timeout: 60_000 });
    await this.runCommand('Developer: Reload Window');
    await loaded;
    await this.untilUsable();
  }

  private async tryOpen(url: string): Promise<boolean> {
    await this.page.goto(url, { waitUntil: 'domcontentloaded' });
    await this.untilUsable();
    return true;
  }

  private async untilUsable(): Promise<void> {
    await this.page.waitForSelector('.monaco-workbench .part.statusbar .statusbar-item', { timeout: 30_000 });
  }

  private query(): string {
    const [first] = this.folders;
    if (first === undefined) return '/?ew=true';
    if (this.folders.length === 1) return `/?folder=${encodeURIComponent(first)}`;
    const file = join(this.server.home, 'several.code-workspace');
    writeFileSync(file, JSON.stringify({ folders: this.folders.map(path => ({ path })) }));
    return `/?workspace=${encodeURIComponent(file)}`;
  }

  /** Runs a command by its title in the palette, such as «Pyrolens: Clear». */
  async runCommand(title: string): Promise<void> {
    await until(`the command «${title}»`, () => this.tryCommand(title), 60_000);
  }

  private async tryCommand(title: string): Promise<boolean> {
    await this.typeInQuickInput('F1', `>${title}`);
    if (!(await this.pick(title, 5_000))) {
      await this.page.keyboard.press('Escape');
      return false;
    }
    return true;
  }

  /** True when the palette offers the command right now. */
  async offersCommand(title: string): Promise<boolean> {
    await this.typeInQuickInput('F1', `>${title}`);
    await until('the palette to answer', async () => (await this.quickPickRows()).length > 0);
    const rows = await this.quickPickRows();
    await this.page.keyboard.press('Escape');
    return rows.some(row => row.startsWith(title));
  }

  /** Opens the quick input with a key and writes into it; again when the window took the focus away meanwhile. */
  private async typeInQuickInput(key: string, text: string): Promise<void> {
    await until('the quick input', async () => {
      await this.page.keyboard.press(key);
      await this.page.waitForSelector('.quick-input-widget:not([style*="display: none"]) input', {
        timeout: 3_000,
      });
      await this.page.locator('.quick-input-widget input').first().fill(text, { timeout: 3_000 });
      return true;
    });
  }

  /** The rows as they are shown: the list keeps elements and gives them other places. */
  async quickPickRows(): Promise<string[]> {
    const rows = this.page.locator('.quick-input-widget .quick-input-list .monaco-list-row');
    const read = (all: Element[]) =>
      all.map(row => ({ at: Number(row.getAttribute('data-index')), label: row.getAttribute('aria-label') }));
    const found = (await rows.evaluateAll(read)).sort((a, b) => a.at - b.at);
    // A list that is being drawn may have its last rows before its first: it is not there yet.
    return found[0]?.at === 0 ? found.map(({ label }) => label ?? '') : [];
  }

  /** Chooses the row of the open quick pick whose text starts with `text`. False when none comes in time. */
  async pick(text: string, timeoutMs = 20_000): Promise<boolean> {
    const row = this.page
      .locator('.quick-input-widget .quick-input-list .monaco-list-row')
      .filter({ hasText: text })
      .first();
    try {
      await row.waitFor({ timeout: timeoutMs });
      await row.click({ timeout: timeoutMs });
      return true;
    } catch {
      return false;
    }
  }

  /** Types into the open input box and accepts it. */
  async answer(text: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget input').first();
    await input.waitFor();
    await input.fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** What the open input box holds; empty while none is open. */
  async quickInputText(): Promise<string> {
    const input = this.page.locator('.quick-input-widget input').first();
    return (await input.isVisible()) ? input.inputValue() : '';
  }

  /**
   * Opens a source file by its absolute path and waits until its text is on the screen. Quick Open's list may still be
   * that of an older text when its row is clicked, and offer the file of that name in another folder: then again.
   */
  async openFile(path: string): Promise<void> {
    await until(
      `the text of ${path}`,
      async () => {
        await this.openPath(path);
        await this.editor.untilReady(path);
        return true;
      },
      90_000,
    );
  }

  /** Opens whatever editor belongs to a file; resolves when its tab is there. */
  async openPath(path: string): Promise<void> {
    const name = path.slice(path.lastIndexOf('/') + 1);
    await until(
      `the file ${name}`,
      async () => {
        await this.typeInQuickInput('Control+p', path);
        if (!(await this.pick(name, 5_000))) return false;
        await this.page.waitForSelector(`.tab.active[data-resource-name="${name}"]`, { timeout: 5_000 });
        return true;
      },
      60_000,
    );
  }

  async notifications(): Promise<string[]> {
    const items = this.page.locator('.notifications-toasts .notification-list-item-message');
    return (await items.allTextContents()).map(text => text.trim());
  }

  /** Presses a button of a notification. */
  async pressInNotification(label: string): Promise<void> {
    await this.page
      .locator('.notifications-toasts .monaco-button')
      .filter({ hasText: label })
      .first()
      .click();
  }

  async dismissNotifications(): Promise<void> {
    await this.runCommand('Notifications: Clear All Notifications');
  }

  /** Texts of all items of the status bar. */
  async statusTexts(): Promise<string[]> {
    return this.page
      .locator('.part.statusbar .statusbar-item')
      .evaluateAll(items => items.map(item => item.getAttribute('aria-label') ?? item.textContent ?? ''));
  }

  async clickStatus(text: string): Promise<void> {
    await this.page
      .locator('.part.statusbar .statusbar-item', { hasText: text })
      .first()
      .locator('a')
      .click();
  }

  /** What the active terminal shows, line by line. */
  async terminalText(): Promise<string> {
    const rows = this.page.locator(
      '.terminal-wrapper.active .xterm-accessibility-tree > div, .xterm-rows > div',
    );
    return (await rows.allTextContents()).map(text => text.replaceAll('\u00a0', ' ').trimEnd()).join('\n');
  }

  async typeInTerminal(text: string): Promise<void> {
    await this.page
      .locator('.terminal-wrapper.active .xterm-helper-textarea, .xterm-helper-textarea')
      .last()
      .focus();
    await this.page.keyboard.type(text);
    await this.page.keyboard.press('Enter');
  }

  /** Rows of the tree that is visible in the side bar. */
  async treeRows(): Promise<string[]> {
    const rows = this.page.locator('.part.sidebar .monaco-list-row');
    return rows.evaluateAll(all => all.map(row => row.getAttribute('aria-label') ?? row.textContent ?? ''));
  }

  /** Saves a picture of the window below `test/e2e/screenshots`, which git ignores. */
  async screenshot(name: string): Promise<void> {
    mkdirSync('test/e2e/screenshots', { recursive: true });
    await this.page.screenshot({ path: `test/e2e/screenshots/${name}.png` });
  }

  /** Refreshes a picture of the README, the editors without side bar, when the run was asked to (`--pictures`). */
  async picture(name: string): Promise<void> {
    if (process.env['PYROLENS_PICTURES'] !== '1') return;
    mkdirSync('docs/pictures', { recursive: true });
    const area = await this.page.locator('.part.editor').first().boundingBox();
    const clip = area && { ...area, height: Math.min(area.height, 560) };
    await this.page.screenshot({ path: `docs/pictures/${name}.png`, ...(clip ? { clip } : {}) });
  }

  /** Switches the colour theme. One written to the settings file applies when the window is loaded anew. */
  async useTheme(theme: ThemeName, settings: Readonly<Record<string, unknown>> = {}): Promise<void> {
    this.server.writeSettings(settings, theme);
    await this.reload();
    const marks = { dark: 'vs-dark', light: 'vs', highContrast: 'hc-black', highContrastLight: 'hc-light' };
    await this.page.waitForSelector(`.monaco-workbench.${marks[theme]}`, { timeout: 20_000 });
  }
}

async function launchBrowser(): Promise<Browser> {
  const executablePath = ensureChromium(console.log);
  if (executablePath === undefined || !existsSync(executablePath)) throw new Error('Chromium is missing');
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}

export type { Frame };
