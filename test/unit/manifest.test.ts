import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { describe, it } from 'node:test';
import { consoles, isWrong, readConfiguration } from '../../src/host/debug/configuration';
import { pyrolensType } from '../../src/host/debug/debugpyEntries';
import { taskSettings } from '../../src/host/tasks/taskWords';
import {
  colors,
  commands,
  contextKeys,
  variableCommands,
  viewIds,
  walkthroughId,
} from '../../src/shared/contributions';
import { askedEngines } from '../../src/shared/engines';
import { checkSettings, settingDefaults } from '../../src/shared/settings';

interface Manifest {
  readonly l10n: string;
  readonly icon: string;
  readonly activationEvents: readonly string[];
  readonly contributes: {
    readonly commands: readonly { command: string; title: string; category: string }[];
    readonly menus: Readonly<Record<string, readonly { command: string; when?: string }[]>>;
    readonly debuggers: readonly {
      readonly type: string;
      readonly variables: Readonly<Record<string, string>>;
      readonly configurationAttributes: {
        readonly launch: { readonly properties: Readonly<Record<string, { readonly enum?: string[] }>> };
      };
    }[];
    readonly taskDefinitions: readonly { readonly type: string; readonly properties: object }[];
    readonly viewsContainers: { readonly activitybar: readonly { id: string; icon: string }[] };
    readonly views: Readonly<Record<string, readonly { id: string; icon: string }[]>>;
    readonly customEditors: readonly {
      viewType: string;
      priority: string;
      selector: readonly { filenamePattern: string }[];
    }[];
    readonly configuration: { readonly properties: Readonly<Record<string, SettingSchema>> };
    readonly colors: readonly { id: string; defaults: Readonly<Record<string, string>> }[];
    readonly walkthroughs: readonly { id: string; steps: readonly { media: { svg: string } }[] }[];
  };
}

interface SettingSchema {
  readonly type: string;
  readonly default: unknown;
  readonly markdownDescription: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly string[];
}

const manifestText = readFileSync('package.json', 'utf8');
const manifest = JSON.parse(manifestText) as Manifest;
const { contributes } = manifest;
const englishTexts = JSON.parse(readFileSync('package.nls.json', 'utf8')) as Record<string, string>;
const sorted = (items: Iterable<string>) => [...items].sort();

describe('package.json and the code', () => {
  it('know the same commands', () => {
    const contributed = contributes.commands.map(entry => entry.command);
    assert.deepEqual(sorted(contributed), sorted(Object.values(commands)));
    assert.ok(contributes.commands.every(entry => entry.category === 'Pyrolens'));
  });

  it('know the same settings, with the same types, defaults and limits', () => {
    const { properties } = contributes.configuration;
    const keys = Object.keys(settingDefaults).map(key => `pyrolens.${key}`);
    assert.deepEqual(sorted(Object.keys(properties)), sorted(keys));
    for (const [key, fallback] of Object.entries(settingDefaults)) {
      const schema = properties[`pyrolens.${key}`];
      assert.ok(schema);
      assert.equal(schema.type, Array.isArray(fallback) ? 'array' : typeof fallback, key);
      assert.deepEqual(schema.default, fallback, key);
      const below = checkSettings(() => -1e9)[key as keyof typeof settingDefaults];
      const above = checkSettings(() => 1e9)[key as keyof typeof settingDefaults];
      if (typeof fallback === 'number')
        assert.deepEqual([below, above], [schema.minimum, schema.maximum], key);
    }
  });

  it('know the same engines, and fall back to auto from any other', () => {
    assert.deepEqual(contributes.configuration.properties['pyrolens.engine']?.enum, askedEngines);
    assert.equal(checkSettings(() => 'perf').engine, 'auto');
    assert.equal(checkSettings(() => 'py-spy').engine, 'py-spy');
  });

  it('know the same colours, each with a default for all four kinds of theme', () => {
    assert.deepEqual(sorted(contributes.colors.map(entry => entry.id)), sorted(Object.values(colors)));
    for (const { id, defaults } of contributes.colors) {
      assert.deepEqual(
        sorted(Object.keys(defaults)),
        ['dark', 'highContrast', 'highContrastLight', 'light'],
        id,
      );
    }
  });

  it('know the same views, editors and walkthrough', () => {
    assert.deepEqual(
      contributes.viewsContainers.activitybar.map(entry => entry.id),
      [viewIds.container],
    );
    assert.deepEqual(
      contributes.views[viewIds.container]?.map(entry => entry.id),
      [viewIds.profiles],
    );
    assert.deepEqual(
      contributes.customEditors.map(entry => entry.viewType),
      [viewIds.resultEditor, viewIds.optionalEditor],
    );
    assert.deepEqual(
      contributes.walkthroughs.map(entry => `pyrolens.${entry.id}`),
      [walkthroughId],
    );
  });

  it('know the same debug type, and answer its variables', () => {
    const [ours, ...others] = contributes.debuggers;
    assert.equal(ours?.type, pyrolensType);
    assert.deepEqual(others, []);
    assert.deepEqual(ours?.variables, variableCommands);
  });

  it('know the same launch settings: each of them is read, or said to be understood only', () => {
    const described = contributes.debuggers[0]?.configurationAttributes.launch.properties ?? {};
    const values = described['engine'];
    assert.deepEqual(values?.enum, askedEngines);
    assert.deepEqual(described['console']?.enum, consoles);
    const wrong = { wrong: {} };
    for (const setting of Object.keys(described)) {
      const isOnlyUnderstood = setting === 'justMyCode' || setting === 'pathMappings';
      const read = readConfiguration({ program: 'a.py', [setting]: wrong }, '/');
      assert.equal(isWrong(read), !isOnlyUnderstood, setting);
    }
  });

  it('know the same task type and settings', () => {
    const [ours, ...others] = contributes.taskDefinitions;
    assert.equal(ours?.type, pyrolensType);
    assert.deepEqual(others, []);
    assert.deepEqual(sorted(Object.keys(ours?.properties ?? {})), sorted(taskSettings));
  });

  it('use only context keys that are set', () => {
    const used =
      manifestText
        .match(/"(?:when|enablement)": "[^"]*"/g)
        ?.join(' ')
        .match(/pyrolens\.\w+/g) ?? [];
    const known = [...Object.values(contextKeys), viewIds.profiles] as string[];
    for (const key of used) assert.ok(known.includes(key), `${key} is never set`);
  });

  it('offer only commands that exist in menus', () => {
    const ids = Object.values(commands) as string[];
    for (const entry of Object.values(contributes.menus).flat())
      assert.ok(ids.includes(entry.command), entry.command);
  });

  it('start only when Python is opened or the user acts', () => {
    assert.deepEqual(manifest.activationEvents, [
      'onLanguage:python',
      ...['onDebugResolve:pyrolens', 'onDebugDynamicConfigurations:pyrolens'],
      ...['onDebugResolve:debugpy', 'onDebugResolve:python'],
    ]);
  });
});

describe('the result editor', () => {
  const [own, optional] = contributes.customEditors;
  const matches = (editor: typeof own, name: string) =>
    editor?.selector.some(({ filenamePattern }) => matchesGlob(name, filenamePattern));

  it('opens profiles by their usual names', () => {
    assert.equal(own?.priority, 'default');
    for (const name of [
      ...['run.pyrolens', 'out.pstats', 'app.prof', 'cpu.pprof', 'a.speedscope', 'a.speedscope.json'],
      ...['stacks.collapsed', 'stacks.folded', 'run.austin', 'run.mojo', 'result.viztracer.json'],
    ]) {
      assert.ok(matches(own, name), name);
    }
  });

  it('takes no file that may be something else, but can be chosen for it', () => {
    assert.equal(optional?.priority, 'option');
    for (const name of [
      ...['package.json', 'data.json', 'data.json.gz', 'a.gz', 'notes.txt', 'a.out', 'memray-app.bin'],
      ...['a.pb.gz', 'a.cpuprofile', 'cachegrind.out.42', 'a.html', 'a.raw'],
    ]) {
      assert.ok(!matches(own, name), name);
      assert.ok(matches(optional, name), name);
    }
  });

  it('is offered in the Explorer for what may be a profile, not for every file', () => {
    const [entry] = contributes.menus['explorer/context'] ?? [];
    const [wanted, unwanted] = [...(entry?.when ?? '').matchAll(/resourceFilename =~ \/(.+?)\/i/g)].map(
      ([, pattern]) => new RegExp(pattern ?? '', 'i'),
    );
    const isOffered = (name: string) => wanted?.test(name) === true && unwanted?.test(name) === false;
    for (const { selector } of contributes.customEditors) {
      for (const { filenamePattern } of selector) {
        assert.ok(isOffered(filenamePattern.replaceAll('*', 'x')), filenamePattern);
      }
    }
    for (const name of [
      'app.py',
      'README.md',
      'package.json',
      'tsconfig.base.json',
      'requirements-dev.txt',
    ]) {
      assert.ok(!isOffered(name), name);
    }
  });
});

describe('texts and pictures of package.json', () => {
  it('are all there, and none is left over', () => {
    const used = [...manifestText.matchAll(/"%([\w.]+)%"/g)].map(match => match[1] ?? '');
    assert.deepEqual(sorted(new Set(used)), sorted(Object.keys(englishTexts)));
  });

  it('name commands that exist in their links', () => {
    const ids = Object.values(commands) as string[];
    for (const text of Object.values(englishTexts)) {
      for (const [, id] of text.matchAll(/\(command:([\w.]+)\)/g)) assert.ok(ids.includes(id ?? ''), id);
    }
  });

  it('exist as files', () => {
    const steps = contributes.walkthroughs.flatMap(walkthrough =>
      walkthrough.steps.map(step => step.media.svg),
    );
    const icons = contributes.viewsContainers.activitybar.map(container => container.icon);
    const files = [manifest.icon, ...steps, ...icons, join(manifest.l10n, 'bundle.l10n.json')];
    for (const file of files) assert.ok(existsSync(file), file);
  });
});

/** What each folder may import besides itself, as `docs/architecture.md` draws it. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  'src/extension.ts': ['src/host', 'src/recorder', 'src/shared'],
  'src/host': ['src/recorder', 'src/shared'],
  'src/recorder': ['src/shared'],
  'src/observer': ['src/shared'],
  'src/server': ['src/shared'],
  'src/cli': ['src/recorder', 'src/server', 'src/shared'],
  'src/shared': [],
  webview: ['src/shared'],
};
/** Packages and built-in modules, by the folders that may import them. */
const packageRules: readonly { readonly pattern: RegExp; readonly only: readonly string[] }[] = [
  { pattern: /^vscode$/, only: ['src/host', 'src/extension.ts'] },
  { pattern: /^vscode-languageclient/, only: ['src/host/languageClient.ts'] },
  { pattern: /^vscode-languageserver/, only: ['src/server'] },
  { pattern: /^@vscode\/webview-ui-toolkit/, only: ['webview/ui'] },
  { pattern: /^node:/, only: ['src/host', 'src/recorder', 'src/observer', 'src/server', 'src/cli'] },
];

/** Rooms of `src/server/parse` that serve all formats. */
const sharedParseRooms = ['bytes', 'json', 'model', 'stackText'];

interface Import {
  readonly from: string;
  readonly to: string;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const specifiers = [...text.matchAll(/(?:from|import|import\(|require\()\s*'([^']+)'/g)].map(
    match => match[1] ?? '',
  );
  return specifiers.map(to => ({ from: slashed(file), to: to.startsWith('.') ? target(file, to) : to }));
}

const slashed = (path: string) => path.split(sep).join('/');
const target = (file: string, specifier: string) => slashed(normalize(join(dirname(file), specifier)));
const isIn = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`);

function sourceFiles(): string[] {
  return ['src', 'webview'].flatMap(folder =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter(path => /(?<!\.d)\.ts$/.test(path))
      .map(path => relative('.', join(folder, path))),
  );
}

describe('the arrows between folders', () => {
  const imports = sourceFiles().flatMap(importsOf);

  it('are kept by every import', () => {
    const wrong = imports.filter(({ from, to }) => /^(src|webview)\//.test(to) && !isAllowed(from, to));
    assert.deepEqual(wrong, []);
    assert.ok(imports.length > 100, 'the imports were found');
  });

  it('let only the right folders see the editor, Node and the toolkit', () => {
    const wrong = imports.filter(({ from, to }) =>
      packageRules.some(rule => rule.pattern.test(to) && !rule.only.some(folder => isIn(from, folder))),
    );
    assert.deepEqual(wrong, []);
  });

  it('keep analysis pure in the server, and views apart in the webview', () => {
    const forbidden: readonly (readonly [string, string])[] = [
      ['src/server/analyze', 'src/server/features'],
      ['src/server/analyze', 'src/server/parse'],
      ['src/server/parse', 'src/server/features'],
      ['src/server/parse', 'src/server/analyze'],
      ['src/server/waits', 'src/server/analyze'],
      ['src/server/waits', 'src/server/parse'],
      ...parted('webview/flame', 'webview/tables'),
      ...parted('webview/flame', 'webview/gaps'),
      ...parted('webview/tables', 'webview/gaps'),
      ['webview/canvas', 'webview/flame'],
      ['webview/canvas', 'webview/gaps'],
    ];
    const wrong = imports.filter(({ from, to }) => forbidden.some(([a, b]) => isIn(from, a) && isIn(to, b)));
    assert.deepEqual(wrong, []);
  });

  it('lead from no room of a format into another', () => {
    const formatRoom = (path: string) => {
      const room = /^src\/server\/parse\/([^/]+)\//.exec(path)?.[1];
      return room === undefined || sharedParseRooms.includes(room) ? undefined : room;
    };
    const between = imports.filter(({ to }) => formatRoom(to) !== undefined);
    const wrong = between.filter(
      ({ from, to }) => from !== 'src/server/parse/index.ts' && formatRoom(from) !== formatRoom(to),
    );
    assert.deepEqual(wrong, []);
    assert.ok(between.length > 20, 'rooms were found');
  });
});

/** Neither folder imports the other. */
function parted(one: string, other: string): [string, string][] {
  return [
    [one, other],
    [other, one],
  ];
}

function isAllowed(from: string, to: string): boolean {
  const home = Object.keys(arrows).find(folder => isIn(from, folder));
  if (home === undefined) return false;
  return isIn(to, home) || (arrows[home] ?? []).some(folder => isIn(to, folder));
}

/** `*` is the only wildcard that our patterns use. */
function matchesGlob(name: string, glob: string): boolean {
  const pattern = glob.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${pattern}$`, 'i').test(name);
}
