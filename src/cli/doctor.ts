import { preflightFacts } from '../recorder/preflight/chooseEngine';
import { type DoctorReport, examine } from '../recorder/preflight/doctor';
import { doctorText } from '../recorder/preflight/doctorText';
import { requirementsOf } from '../recorder/preflight/engineTools';
import { installTool } from '../recorder/preflight/installTool';
import { type EngineName, engineFacts } from '../shared/engines';
import { inert, inertJson } from '../shared/inertText';
import type { Said } from '../shared/preflight';
import type { InterpreterOptions } from './commandLine';
import { toolsFolder } from './dataFolder';
import { adviceFor, sayEnglish } from './engineWords';
import { findPython } from './findPython';

/** Prints which engines can run here, and why the others cannot. */
export async function printDoctor({
  python,
  isJson,
}: InterpreterOptions & { isJson: boolean }): Promise<void> {
  const facts = await findPython(python, process.cwd());
  const report = await examine(preflightFacts(facts, toolsFolder()), toolsFolder());
  const text = isJson
    ? `${inertJson(JSON.stringify(inWords(report)))}\n`
    : doctorText(report, sayEnglish, adviceFor).text;
  process.stdout.write(text);
}

/** Installs an engine's tool into our own folder. Fails with `installFailed`. */
export async function installEngine(engine: EngineName, { python }: InterpreterOptions): Promise<void> {
  const { label } = engineFacts(engine);
  const facts = await findPython(python, process.cwd());
  if (requirementsOf(engine, facts).length === 0) {
    process.stdout.write(`${label} needs no installation: it comes with Pyrolens or with Python.\n`);
    return;
  }
  const search = { python: facts, toolsDir: toolsFolder(), environment: process.env };
  const onLine = (line: string) => process.stdout.write(`${inert(line)}\n`);
  const tool = await installTool(engine, search, { onLine });
  process.stdout.write(`${label} ${tool?.version} is installed in ${toolsFolder()}\n`);
}

/** The report for programs: sentences are there as such, and by their keys. */
function inWords(report: DoctorReport): object {
  const words = (said: Said | null) => (said === null ? null : { key: said.text, text: sayEnglish(said) });
  return {
    ...report,
    permissions: {
      launched: words(report.permissions.launched),
      strangers: words(report.permissions.strangers),
    },
    auto:
      report.auto.kind === 'chosen'
        ? { engine: report.auto.engine, why: words(report.auto.why) }
        : { engine: null, cause: words(report.auto.cause) },
    engines: report.engines.map(engine => ({
      ...engine,
      isReady: engine.tool !== null,
      gives: engine.gives.map(text => sayEnglish({ text, facts: {} })),
      cause: words(engine.cause),
      advice: engine.tool ? null : adviceFor(engine.offers[0]),
    })),
  };
}
