import { type Color, layOn, parseColor } from '../src/shared/colors';
import { colors } from '../src/shared/contributions';
import { frameColors } from '../src/shared/frameColors';
import { type FramePalette, paletteFrom } from '../src/shared/framePalette';
import { type GapFamily, gapFamilies } from '../src/shared/gaps';
import { functionKinds } from '../src/shared/profile';

/** Everything a canvas needs of the workbench's theme, read once per theme change. */
export interface Theme {
  readonly isHighContrast: boolean;
  readonly hasReducedMotion: boolean;
  readonly background: Color;
  readonly foreground: Color;
  readonly dimForeground: Color;
  readonly border: Color;
  readonly focus: Color;
  readonly accent: Color;
  readonly warning: Color;
  readonly error: Color;
  readonly ownCode: Color;
  readonly uiFont: string;
  readonly codeFont: string;
  readonly frames: FramePalette;
  /** In the order of `gapFamilies`. */
  readonly gapFamilies: readonly Color[];
}

const kindColors = {
  own: colors.frameOwn,
  package: colors.framePackage,
  stdlib: colors.frameStdlib,
  native: colors.frameNative,
  runtime: colors.frameRuntime,
} as const;
const familyColors: Readonly<Record<GapFamily, string>> = {
  running: colors.gapRunning,
  scheduler: colors.gapScheduler,
  interpreter: colors.gapInterpreter,
  sync: colors.gapSync,
  ipc: colors.gapIpc,
  io: colors.gapIo,
  child: colors.gapChild,
  timer: colors.gapTimer,
  memory: colors.gapMemory,
  async: colors.gapAsync,
  unknown: colors.gapUnknown,
};
const fallbacks: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    functionKinds.map((kind, index) => [kindColors[kind], frameColors.dark.kinds[index]]),
  ),
  [colors.frameText]: frameColors.dark.text,
};

/** Reads the theme from the page's variables and body classes. */
export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const read = (id: string, fallback: string): Color => colorOf(style, id, fallback);
  const classes = document.body.classList;
  const isLight = classes.contains('vscode-light') || classes.contains('vscode-high-contrast-light');
  const isHighContrast = classes.contains('vscode-high-contrast');
  const background = layOn(read('editor.background', isLight ? '#ffffff' : '#1f1f1f'), blackGround);
  const foreground = layOn(read('editor.foreground', isLight ? '#3b3b3b' : '#cccccc'), background);
  return {
    isHighContrast,
    hasReducedMotion: hasReducedMotion(),
    background,
    foreground,
    dimForeground: layOn(read('descriptionForeground', isLight ? '#3b3b3b' : '#9d9d9d'), background),
    border: layOn(
      read(isHighContrast ? 'contrastBorder' : 'panel.border', isLight ? '#e5e5e5' : '#2b2b2b'),
      background,
    ),
    focus: layOn(read('focusBorder', '#0078d4'), background),
    accent: layOn(read('textLink.foreground', '#4daafc'), background),
    warning: layOn(read('editorWarning.foreground', isLight ? '#bf8803' : '#cca700'), background),
    error: layOn(read('errorForeground', isLight ? '#c72e0f' : '#f85149'), background),
    ownCode: layOn(contributed(read, colors.frameOwn), background),
    uiFont: style.getPropertyValue('--vscode-font-family').trim() || 'system-ui, sans-serif',
    codeFont: style.getPropertyValue('--vscode-editor-font-family').trim() || 'monospace',
    frames: paletteFrom({
      kinds: functionKinds.map(kind => layOn(contributed(read, kindColors[kind]), background)),
      text: contributed(read, colors.frameText),
      background,
      foreground,
      isHighContrast,
    }),
    gapFamilies: gapFamilies.map(family => layOn(contributed(read, familyColors[family]), background)),
  };
}

/** Calls `listener` after each change of theme, contrast or motion preference. */
export function watchTheme(listener: (theme: Theme) => void): void {
  const changed = (): void => listener(readTheme());
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
  matchMedia('(prefers-reduced-motion: reduce)').addEventListener('change', changed);
}

const blackGround: Color = { red: 0, green: 0, blue: 0, alpha: 1 };

function contributed(read: (id: string, fallback: string) => Color, id: string): Color {
  return read(id, fallbacks[id] ?? '#808080');
}

function colorOf(style: CSSStyleDeclaration, id: string, fallback: string): Color {
  const variable = `--vscode-${id.replaceAll('.', '-')}`;
  return parseColor(style.getPropertyValue(variable)) ?? parseColor(fallback) ?? blackGround;
}

function hasReducedMotion(): boolean {
  return (
    document.body.classList.contains('vscode-reduce-motion') ||
    matchMedia('(prefers-reduced-motion: reduce)').matches
  );
}
