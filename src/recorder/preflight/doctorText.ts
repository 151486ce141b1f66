import { engineFacts } from '../../shared/engines';
import { inert } from '../../shared/inertText';
import type { EngineOffer, PreflightTextKey, Said } from '../../shared/preflight';
import type { DoctorReport, EngineReport } from './doctor';
import type { ReadyTool, ToolPlace } from './toolFinding';

/** Puts a sentence into the reader's language. */
export type Say = (said: Said) => string;

/** Wide enough for the longest label and a version. */
const nameWidth = 30;
const indent = '    ';
const lineWidth = 100;

/**
 * The report as text, one paragraph for each engine, and the line at which each engine's paragraph begins. `advise` says
 * how the reader takes an offer.
 */
export function doctorText(
  report: DoctorReport,
  say: Say,
  advise: (offer: EngineOffer) => string,
): { readonly text: string; readonly lineOfEngine: readonly number[] } {
  const lines = [...headLines(report, say)];
  const lineOfEngine = report.engines.map(engine => {
    const line = lines.length;
    lines.push(...engineLines(engine, say, advise), '');
    return line;
  });
  lines.push(say({ text: 'doctorTools', facts: { path: report.toolsDir } }));
  return { text: `${lines.map(inert).join('\n')}\n`, lineOfEngine };
}

/** What a button or a line says about an offer. */
export function offerText(offer: EngineOffer, say: Say): string {
  if (offer.kind === 'selectInterpreter') return say({ text: 'offerInterpreter', facts: {} });
  const text = offer.kind === 'install' ? 'offerInstall' : 'offerInstead';
  return say({ text, facts: { engine: nameInSentence(offer.engine, say) } });
}

/** The engine's name as it stands in a sentence. */
export function nameInSentence(engine: EngineReport['engine'], say: Say): string {
  if (engine === 'bundled-sampler') return say({ text: 'nameBundledSampler', facts: {} });
  return engineFacts(engine).label;
}

/** Where a tool is, in words. */
export function placeText({ place, command, pythonPath }: ReadyTool, say: Say): string {
  return say({ text: placeKeys[place], facts: { path: pythonPath ?? command[0] ?? '' } });
}

const placeKeys: Readonly<Record<ToolPlace, PreflightTextKey>> = {
  bundled: 'placeBundled',
  interpreter: 'placeInterpreter',
  environment: 'placeEnvironment',
  toolsFolder: 'placeToolsFolder',
  path: 'placePath',
};

/** What an engine can give, in words. */
export function givesText(engine: Pick<EngineReport, 'gives'>, say: Say): string {
  return engine.gives.map(text => say({ text, facts: {} })).join(', ');
}

function headLines({ python, permissions, auto }: DoctorReport, say: Say): string[] {
  const word = (text: PreflightTextKey, facts: Said['facts'] = {}) => say({ text, facts });
  const { implementation, version, executable, baseExecutable } = python;
  const build = word(python.isFreeThreaded ? 'doctorFreeThreaded' : 'doctorBuild', {
    implementation: implementation === 'cpython' ? 'CPython' : implementation,
    version,
  });
  const permission = (who: PreflightTextKey, barrier: Said | null) =>
    item(barrier === null, word(who), barrier ? sayOfAny(barrier, say) : word('doctorPermitted')).map(
      line => indent + line,
    );
  const autoLine =
    auto.kind === 'chosen'
      ? word('doctorAuto', { engine: nameInSentence(auto.engine, say), why: say(auto.why) })
      : word('doctorNoAuto', { cause: say(auto.cause) });
  return [
    ...[word('doctorTitle'), ''],
    word('doctorInterpreter'),
    `${indent}${build}  ${executable}`,
    ...(baseExecutable === executable ? [] : [indent + word('doctorMadeFrom', { base: baseExecutable })]),
    ...['', word('doctorPermissions')],
    ...permission('doctorLaunched', permissions.launched),
    ...permission('doctorStrangers', permissions.strangers),
    ...['', word('doctorEngines')],
    ...wrapped(autoLine, indent),
    '',
  ];
}

function engineLines(engine: EngineReport, say: Say, advise: (offer: EngineOffer) => string): string[] {
  const { label, tool, cause, offers } = engine;
  const name = [label, tool?.version].filter(Boolean).join(' ');
  return [
    ...item(tool !== null, name, tool ? placeText(tool, say) : cause ? say(cause) : ''),
    ...wrapped(say({ text: 'doctorGives', facts: { what: givesText(engine, say) } }), indent),
    ...offers.slice(0, 1).map(offer => `${indent}→ ${advise(offer)}`),
  ];
}

function sayOfAny({ text, facts }: Said, say: Say): string {
  return say({ text, facts: { ...facts, engine: say({ text: 'anyEngine', facts: {} }) } });
}

/** `✓ py-spy 0.4.3    in the environment: …`; a long text goes on below. */
function item(isGood: boolean, name: string, text: string): string[] {
  const head = `${isGood ? '✓' : '✗'} ${name.padEnd(nameWidth)}  `;
  if (head.length + text.length <= lineWidth) return [`${head}${text}`];
  return [head.trimEnd(), ...wrapped(text, indent)];
}

function wrapped(text: string, margin: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && margin.length + line.length + 1 + word.length > lineWidth) {
      lines.push(margin + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, margin + line];
}
