import { parseColor } from '../../../shared/colors';
import { frameColors } from '../../../shared/frameColors';
import {
  type BoxStyle,
  type FramePalette,
  fillerStyle,
  laneStyle,
  paletteFrom,
  shadeCount,
  styleOf,
} from '../../../shared/framePalette';
import { functionKinds } from '../../../shared/profile';

/** Style numbers that boxes of the picture can have: no faded ones. */
export const svgStyles: readonly number[] = [
  ...functionKinds.flatMap((_, kind) =>
    Array.from({ length: shadeCount }, (_, shade) =>
      [false, true].map(isWaiting => styleOf({ kind, shade, isWaiting, isFaded: false })),
    ).flat(),
  ),
  fillerStyle,
  laneStyle,
];

/** The style sheet: the panel's colours, dark where the viewer prefers it. */
export function svgCss(): string {
  return `text{font:11.5px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.head{font-size:15px;font-weight:600}.small{font-size:11px}
.box{cursor:pointer}.box text{pointer-events:none}.above{opacity:.5}
.searching .box{opacity:.3}.searching .box.hit{opacity:1}
.box:hover rect{stroke:var(--ink);stroke-width:1}
.back{cursor:pointer;text-decoration:underline}
input{box-sizing:border-box;width:100%;height:100%;font:12px system-ui,sans-serif;color:var(--ink);background:var(--ground);border:1px solid var(--ink);border-radius:3px;padding:2px 6px}
${themeCss('light')}
@media (prefers-color-scheme:dark){
${themeCss('dark')}
}
`;
}

/** One pattern for each hatched style: stripes that the style sheet colours. */
export function* svgPatterns(): Generator<string> {
  const { styles } = palette('light');
  for (const number of svgStyles) {
    if (styles[number]?.hatch == null) continue;
    yield `<pattern id="p${number}" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">`;
    yield `<rect class="g${number}" width="7" height="7"/><rect class="h${number}" width="2.5" height="7"/></pattern>`;
  }
}

function themeCss(theme: 'dark' | 'light'): string {
  const { styles, background } = palette(theme);
  const rules = [
    `svg{color-scheme:${theme};--ink:${frameColors[theme].foreground};--ground:${background}}`,
    `.ground{fill:${background}}.ink{fill:${frameColors[theme].foreground}}`,
    ...svgStyles.map(number => boxCss(number, styles[number])),
  ];
  return rules.join('\n');
}

function boxCss(number: number, style: BoxStyle | undefined): string {
  if (style === undefined) return '';
  const text = `.t${number}{fill:${style.text}}`;
  if (style.hatch === null) return `.f${number}{fill:${style.fill}}${text}`;
  return `.f${number}{fill:url(#p${number})}.g${number}{fill:${style.fill}}.h${number}{fill:${style.hatch}}${text}`;
}

function palette(theme: 'dark' | 'light'): FramePalette {
  const { kinds, text, background, foreground } = frameColors[theme];
  const color = (hex: string) => parseColor(hex) ?? { red: 128, green: 128, blue: 128, alpha: 1 };
  return paletteFrom({
    kinds: kinds.map(color),
    text: color(text),
    background: color(background),
    foreground: color(foreground),
    isHighContrast: false,
  });
}
