import { type ChildProcess, spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { installedExtensions, workbenchEnvironment, workbenchFolders } from './workbenchExtensions';
import { workbench } from './workbenchInstall.mjs';

/** Settings that keep the workbench quiet and its screenshots comparable; a test's own settings win. */
const quietSettings = {
  'workbench.startupEditor': 'none',
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'workbench.welcome.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.tips.enabled': false,
  'workbench.editor.enablePreview': false,
  'chat.disableAIFeatures': true,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'git.openRepositoryInParentFolders': 'never',
  'editor.fontSize': 13,
  'editor.minimap.enabled': false,
  'window.commandCenter': false,
  'breadcrumbs.enabled': false,
  // Only the DOM renderer leaves text that a test can read.
  'terminal.integrated.gpuAcceleration': 'off',
};

/** Names of the themes that every picture is taken in. */
export const themes = {
  dark: 'Default Dark Modern',
  light: 'Default Light Modern',
  highContrast: 'Default High Contrast',
  highContrastLight: 'Default High Contrast Light',
} as const;
export type ThemeName = keyof typeof themes;

export interface ServerOptions {
  readonly vsixes: readonly string[];
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly theme?: ThemeName;
  /** Ask whether folders are trusted, as VS Code does by default. */
  readonly asksForTrust?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** One code-server process with folders of its own below a fresh temporary folder, gone after `stop`. */
export class WorkbenchServer {
  private constructor(
    readonly home: string,
    readonly address: string,
    readonly pid: number,
    private readonly child: ChildProcess,
  ) {}

  /** Installs the extensions, starts the server and resolves when it listens. */
  static async start(options: ServerOptions): Promise<WorkbenchServer> {
    const home = realpathSync(mkdtempSync(join(tmpdir(), 'pyrolens-e2e-')));
    writeSettings(home, options.settings ?? {}, options.theme ?? 'dark');
    cpSync(installedExtensions(options.vsixes), join(home, 'extensions'), { recursive: true });
    const child = spawn(workbench.node, [workbench.codeServer, ...serverArgs(home, options)], {
      env: workbenchEnvironment(options.env ?? {}),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const address = await listeningAddress(child);
    return new WorkbenchServer(home, address, child.pid ?? 0, child);
  }

  get userData(): string {
    return join(this.home, 'user-data');
  }

  /** Rewrites the user's settings; the workbench applies them at once, a theme on reload. */
  writeSettings(settings: Readonly<Record<string, unknown>>, theme: ThemeName = 'dark'): void {
    writeSettings(this.home, settings, theme);
  }

  /** What the extension has written to its output channel so far. */
  productLog(): string {
    return readdirSync(this.userData, { recursive: true, encoding: 'utf8' })
      .filter(path => /Pyrolens[^/]*\.log$/i.test(path))
      .map(path => readFileSync(join(this.userData, path), 'utf8'))
      .join('');
  }

  /** Ends the server with everything it started and removes its folders. */
  async stop(): Promise<void> {
    const closed = new Promise(resolve => this.child.once('exit', resolve));
    if (this.child.exitCode === null) process.kill(-this.pid, 'SIGKILL');
    else return;
    await closed;
    this.keepLog();
    rmSync(this.home, { recursive: true, force: true, maxRetries: 5 });
  }

  /** For whoever looks into a failed test: `out/logs/workbench-<pid>.log`. */
  private keepLog(): void {
    const folder = join(process.cwd(), 'out', 'logs');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `workbench-${this.pid}.log`), this.productLog());
  }
}

function serverArgs(home: string, options: ServerOptions): string[] {
  return [
    ...['--auth', 'none', '--bind-addr', '127.0.0.1:0'],
    ...workbenchFolders(home),
    ...['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override'],
    ...(options.asksForTrust === true ? [] : ['--disable-workspace-trust']),
  ];
}

function writeSettings(home: string, settings: Readonly<Record<string, unknown>>, theme: ThemeName): void {
  const folder = join(home, 'user-data', 'User');
  mkdirSync(folder, { recursive: true });
  const all = { ...quietSettings, 'workbench.colorTheme': themes[theme], ...settings };
  writeFileSync(join(folder, 'settings.json'), JSON.stringify(all, null, 2));
  // Settings of machine scope (an interpreter's path) are read from here in remote windows.
  const machine = join(home, 'user-data', 'Machine');
  mkdirSync(machine, { recursive: true });
  writeFileSync(join(machine, 'settings.json'), JSON.stringify(settings, null, 2));
  writeFileSync(join(home, 'config.yaml'), 'auth: none\n');
}

function listeningAddress(child: ChildProcess): Promise<string> {
  const seen: string[] = [];
  return new Promise((resolve, reject) => {
    child.once('exit', code => reject(new Error(`code-server ended with ${code}:\n${seen.join('\n')}`)));
    child.stderr?.on('data', (data: Buffer) => seen.push(String(data)));
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on('line', line => {
      seen.push(line);
      const port = /HTTP server listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1];
      // Cookies and service workers need the name, not the number.
      if (port !== undefined) resolve(`http://localhost:${port}`);
    });
  });
}

/** A fresh copy of `source` called `name` inside the server's own folder. */
export function copyFolder(server: WorkbenchServer, source: string, name: string): string {
  const target = join(server.home, 'workspaces', name);
  cpSync(source, target, { recursive: true, filter: path => !path.includes('__pycache__') });
  return target;
}
