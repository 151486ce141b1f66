import * as vscode from 'vscode';
import { colors } from '../shared/contributions';
import { Disposable } from './disposable';
import { toEditorLine, toProfileLine } from './editorLine';
import { type LabelTone, type LineLabel, type LineStyle, labelsInWindow } from './lineLabels';

type Style = Exclude<LineStyle, 'none'>;
type Ruler = Exclude<LineLabel['ruler'], 'none'>;

const styleColors: Readonly<Record<Style, string>> = {
  heat1: colors.heat1,
  heat2: colors.heat2,
  heat3: colors.heat3,
  heat4: colors.heat4,
  wait: colors.wait,
};
const spanColors = { computing: colors.hotSpan, waiting: colors.waitText } as const;
const rulerColors: Readonly<Record<Ruler, string>> = {
  hot: colors.rulerHot,
  warm: colors.rulerWarm,
  wait: colors.rulerWait,
};
const toneColors: Readonly<Record<LabelTone, string>> = {
  cool: colors.heatText,
  hot: colors.hotText,
  wait: colors.waitText,
  stale: colors.staleText,
  thin: colors.staleText,
};

/**
 * The three layers of decorations: tints and ruler marks of fixed types for the whole file, underlines of hot
 * expressions, and labels, the only ones with text of their own, for the visible lines.
 */
export class TimingDecorations extends Disposable {
  private readonly tints = this.createTypes(styleColors, (style, color) => ({
    isWholeLine: true,
    backgroundColor: color,
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
    ...(isHighContrast() && (style === 'heat4' || style === 'wait') ? edgeOf(style) : {}),
  }));
  private readonly rulers = this.createTypes(rulerColors, (_ruler, color) => ({
    overviewRulerColor: color,
    overviewRulerLane: vscode.OverviewRulerLane.Right,
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
  }));
  private readonly spans = this.createTypes(spanColors, (_kind, color) => ({
    borderStyle: 'solid',
    borderWidth: '0 0 2px 0',
    borderColor: color,
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
  }));
  private readonly label = this.createType({ rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed });

  /** Whole-file layers. With `withTint` false only the ruler marks are drawn. */
  paintFile(editor: vscode.TextEditor, labels: readonly LineLabel[], withTint: boolean): void {
    const shown = labels.filter(label => toEditorLine(label.line) < editor.document.lineCount);
    for (const [style, type] of this.tints) {
      const lines = withTint ? shown.filter(label => label.style === style) : [];
      editor.setDecorations(
        type,
        lines.map(label => lineRange(editor.document, label)),
      );
    }
    for (const [ruler, type] of this.rulers) {
      const lines = shown.filter(label => label.ruler === ruler);
      editor.setDecorations(
        type,
        lines.map(label => lineRange(editor.document, label)),
      );
    }
    for (const [kind, type] of this.spans) {
      const lines = withTint ? shown.filter(label => (label.style === 'wait') === (kind === 'waiting')) : [];
      editor.setDecorations(
        type,
        lines.flatMap(label => spanRanges(editor.document, label)),
      );
    }
  }

  /** The text layer, for the visible lines and one screen above and below. */
  paintLabels(editor: vscode.TextEditor, labels: readonly LineLabel[], maxCount: number): void {
    const shown = labelsInWindow(labels, windowsOf(editor), maxCount);
    editor.setDecorations(
      this.label,
      shown
        .filter(label => toEditorLine(label.line) < editor.document.lineCount)
        .map(label => labelOptions(editor.document, label)),
    );
  }

  private createTypes<K extends string>(
    table: Readonly<Record<K, string>>,
    optionsOf: (key: K, color: vscode.ThemeColor) => vscode.DecorationRenderOptions,
  ): [K, vscode.TextEditorDecorationType][] {
    return (Object.keys(table) as K[]).map(key => [
      key,
      this.createType(optionsOf(key, new vscode.ThemeColor(table[key]))),
    ]);
  }

  private createType(options: vscode.DecorationRenderOptions): vscode.TextEditorDecorationType {
    return this.register(vscode.window.createTextEditorDecorationType(options));
  }
}

/** True in both high-contrast themes, where tints are transparent and an edge takes their place. */
export function isHighContrast(): boolean {
  const { kind } = vscode.window.activeColorTheme;
  return kind === vscode.ColorThemeKind.HighContrast || kind === vscode.ColorThemeKind.HighContrastLight;
}

function edgeOf(style: Style): vscode.DecorationRenderOptions {
  return {
    borderStyle: style === 'wait' ? 'dashed' : 'solid',
    borderWidth: '0 0 0 3px',
    borderColor: new vscode.ThemeColor(style === 'wait' ? colors.rulerWait : colors.rulerHot),
  };
}

function lineRange(document: vscode.TextDocument, label: LineLabel): vscode.Range {
  return document.lineAt(toEditorLine(label.line)).range;
}

function spanRanges(document: vscode.TextDocument, label: LineLabel): vscode.Range[] {
  const line = toEditorLine(label.line);
  return label.spans
    .map(span =>
      document.validateRange(
        new vscode.Range(line, span.startColumn, toEditorLine(span.endLine), span.endColumn),
      ),
    )
    .filter(range => !range.isEmpty);
}

function labelOptions(document: vscode.TextDocument, label: LineLabel): vscode.DecorationOptions {
  const { end } = document.lineAt(toEditorLine(label.line)).range;
  return {
    // A decoration's range must not be empty; the text hangs on its end.
    range: new vscode.Range(end.translate(0, end.character > 0 ? -1 : 0), end),
    renderOptions: {
      after: {
        contentText: label.text,
        color: new vscode.ThemeColor(toneColors[label.tone]),
        margin: '0 0 0 3ch',
        fontStyle: label.tone === 'stale' || label.tone === 'thin' ? 'italic' : 'normal',
      },
    },
  };
}

/** Visible ranges and as much again on both sides, in profile lines. */
function windowsOf(editor: vscode.TextEditor): { firstLine: number; lastLine: number }[] {
  return editor.visibleRanges.map(range => {
    const height = range.end.line - range.start.line + 1;
    return {
      firstLine: toProfileLine(range.start.line - height),
      lastLine: toProfileLine(range.end.line + height),
    };
  });
}
