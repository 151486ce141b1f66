/**
 * The colours of flame graph boxes as the extension contributes them (`package.json`, checked by a test), for places
 * that no workbench theme reaches, on the grounds of VS Code's default themes. `kinds` in the order of `functionKinds`.
 */
export const frameColors = {
  dark: {
    kinds: ['#d9822b', '#6f84a8', '#56677f', '#7d6a94', '#4c4c4c'],
    text: '#101010',
    background: '#1f1f1f',
    foreground: '#cccccc',
  },
  light: {
    kinds: ['#e8a25c', '#a9b9d4', '#c3ccd8', '#c3b3d6', '#d9d9d9'],
    text: '#1a1a1a',
    background: '#ffffff',
    foreground: '#3b3b3b',
  },
} as const;
