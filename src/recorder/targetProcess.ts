import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { collectorLogFile } from '../shared/collectorLog';
import { engineFacts } from '../shared/engines';
import { PyrolensError } from '../shared/failures';
import { inert } from '../shared/inertText';
import type { RunManifest } from '../shared/manifest';
import {
  type Engine,
  type Environment,
  engineNamed,
  programWords,
  type RecordedProgram,
} from './engines/index';
import type { LaunchPlan } from './launchPlan';
import type { ExitStatus, RecordedTarget } from './recordedTarget';
import { updateManifest } from './runFolder';
import { isSampling, SamplerProcess } from './samplerProcess';
import { type InsideRecording, openGate, pidAtGate } from './startGate';
import { noteReason, runTool } from './toolRun';

const pollMs = 40;
const gatePollMs = 5;
/** A program that has not come to the gate by then never will: it does not read its environment. */
const gateTimeoutMs = 3_000;
const beginTimeoutMs = 20_000;
const stopTimeoutMs = 4_000;
const killTimeoutMs = 3_000;
const checkTimeoutMs = 8_000;
/** Files of many gigabytes take their time. */
const convertTimeoutMs = 600_000;

/** The program being recorded, as a child of this process with the same standard streams. */
export class TargetProcess implements RecordedTarget {
  readonly ended: Promise<ExitStatus>;
  readonly startedAtMs = Date.now();
  readonly pid: number;
  private readonly env: Environment;
  private engine: Engine;
  private hasEnded = false;
  private isStopped = false;
  private sampler: SamplerProcess | undefined;
  private converting: Promise<void> | undefined;
  private samplerStarting: Promise<void> = Promise.resolve();
  /** Manifest changes in order: each reads what the one before wrote. */
  private lastWrite: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly plan: LaunchPlan,
    private readonly child: ChildProcess,
    { pid, env }: { readonly pid: number; readonly env: Environment },
  ) {
    this.pid = pid;
    this.env = env;
    this.engine = engineNamed(plan.engine);
    this.ended = this.waitForEnd();
  }

  /**
   * Spawns the program and notes this process in the manifest as the one to end the run. Fails with `launchFailed`,
   * or with the storage's failure.
   */
  static async start(plan: LaunchPlan): Promise<TargetProcess> {
    await updateManifest(plan.runDir, { launcherPid: process.pid, startedAtMs: Date.now() });
    const engine = engineNamed(plan.engine);
    const env = environmentOf(engine, plan);
    const [program = '', ...args] = await commandLineOf(engine, plan, env);
    const child = spawn(program, args, { cwd: plan.cwd, env, stdio: 'inherit', windowsHide: false });
    const pid = await spawned(child, program).catch(async error => {
      await updateManifest(plan.runDir, { state: 'ended', endedAtMs: Date.now() });
      throw error;
    });
    const target = new TargetProcess(plan, child, { pid, env });
    await target.writeManifest({ programPid: pid });
    target.samplerStarting = target.startSampler();
    return target;
  }

  /** Where the engine is a tool that looks from outside: it looks before the program goes on. */
  private async startSampler(): Promise<void> {
    const { engine } = this;
    if (!isSampling(engine)) return;
    let inside: InsideRecording = 'asPlanned';
    try {
      const pid = engine.sampler.findsProgram ? this.pid : await this.pidToSample();
      if (this.hasEnded) return;
      const commandLine = engine.sampler.commandLine(this.plan, pid);
      this.sampler = SamplerProcess.start(engine, this.plan.runDir, commandLine);
      await this.writeManifest({ samplerPid: this.sampler.pid });
      if (engine.sampler.findsProgram) await this.pidToSample();
      // Then the tool has nothing to look at, and ends by itself.
      if (this.hasEnded) return;
      if (!(await this.sampler.begin(this.plan.substitute !== undefined)))
        inside = await this.replace(this.sampler);
    } catch (error) {
      process.stderr.write(`Pyrolens: ${inert((error as Error).message)}\n`);
    } finally {
      openGate(this.plan.runDir, inside);
    }
  }

  /** The tool cannot look: says what records the program after all. */
  private async replace(sampler: SamplerProcess): Promise<InsideRecording> {
    const { substitute } = this.plan;
    if (substitute === undefined) return 'none';
    const replaced = { engine: this.engine.name, reason: sampler.whyNothing() };
    sampler.removeParts();
    this.engine = engineNamed(substitute.engine);
    const { name, version: engineVersion } = this.engine;
    await this.writeManifest({ engine: name, engineVersion, rateHzAsked: substitute.rateHz, replaced });
    return 'sampler';
  }

  private async pidToSample(): Promise<number> {
    const deadline = Date.now() + gateTimeoutMs;
    while (Date.now() < deadline && !this.hasEnded) {
      const pid = pidAtGate(this.plan.runDir);
      if (pid !== undefined) return pid;
      await delay(gatePollMs);
    }
    return this.pid;
  }

  async hasBegun(): Promise<boolean> {
    const deadline = Date.now() + beginTimeoutMs;
    while (Date.now() < deadline) {
      if (await this.engine.hasBegun(this.plan.runDir)) return true;
      if (this.hasEnded) return false;
      await delay(pollMs);
    }
    return false;
  }

  async stop(): Promise<number | 'cannotStop'> {
    await this.samplerStarting;
    if (!(await this.engine.requestStop(this.recorded))) return 'cannotStop';
    const busyCount = await this.pollUntilStopped();
    if (busyCount === 0) await this.convert();
    if (this.hasEnded) return 0;
    this.isStopped = true;
    await this.writeManifest({ state: 'stopped', endedAtMs: Date.now() });
    return busyCount;
  }

  /** Has the tool turn its own files into ones that can be read: once, what was recorded does not change any more. */
  private convert(): Promise<void> {
    this.converting ??= (async () => {
      const { runDir } = this.plan;
      const { label } = engineFacts(this.engine.name);
      for (const command of this.engine.convertCommands?.(this.plan) ?? []) {
        const reason = await runTool(command, { runDir, env: this.env, timeoutMs: convertTimeoutMs });
        if (reason === undefined) continue;
        noteReason(runDir, `${label} recorded, but its file could not be converted`, reason);
      }
    })();
    return this.converting;
  }

  private get recorded(): RecordedProgram {
    return { runDir: this.plan.runDir, pid: this.pid, samplerPid: this.sampler?.pid };
  }

  private async pollUntilStopped(): Promise<number> {
    const program = this.recorded;
    const deadline = Date.now() + stopTimeoutMs;
    let busyCount = await this.engine.countRecording(program);
    while (busyCount > 0 && Date.now() < deadline && !this.hasEnded) {
      await delay(pollMs);
      busyCount = await this.engine.countRecording(program);
    }
    return this.hasEnded ? 0 : busyCount;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** The program gets its own. */
  interrupt(): void {}

  /** Asks the program to end, and ends it if it does not in the time that it may take to save. */
  async kill(): Promise<void> {
    this.child.kill('SIGTERM');
    await Promise.race([
      this.ended,
      delay(this.engine.saveTimeoutMs ?? killTimeoutMs, undefined, { ref: false }),
    ]);
    if (!this.hasEnded) this.child.kill('SIGKILL');
  }

  private async waitForEnd(): Promise<ExitStatus> {
    const exit = await new Promise<ExitStatus>(resolve => {
      this.child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    this.hasEnded = true;
    await this.samplerStarting;
    await this.sampler?.finish(this.isStopped);
    await this.convert();
    this.noteLoss(exit);
    await this.noteEnd(exit);
    return exit;
  }

  /** Says so where an engine that saves at the program's end had none. */
  private noteLoss({ signal }: ExitStatus): void {
    const { engine, plan } = this;
    const files = engine.savesAtEnd ? readdirSync(plan.runDir) : [];
    if (files.length === 0 || files.some(name => engine.isPart(name) || name === collectorLogFile)) return;
    const how =
      signal === null
        ? 'left without one (os._exit, or it became another program)'
        : `was ended by ${signal}`;
    const { label, depth } = engineFacts(engine.name);
    const other = depth === 'memory' ? 'memray' : 'the bundled tracer';
    const reason = `it saves at a program’s end, and this one ${how}: use ${other}, which saves while it runs`;
    noteReason(plan.runDir, `${label} recorded nothing`, reason);
  }

  /** A stopped run keeps its state and the moment it was stopped. The exit status matters more than a full disk. */
  private async noteEnd(exit: ExitStatus): Promise<void> {
    const ending: Partial<RunManifest> = this.isStopped ? {} : { state: 'ended', endedAtMs: Date.now() };
    await this.writeManifest({ ...ending, exit }).catch((error: unknown) => {
      process.stderr.write(`Pyrolens: ${inert((error as Error).message)}\n`);
    });
  }

  private writeManifest(changes: Partial<RunManifest>): Promise<unknown> {
    const write = this.lastWrite.then(() => updateManifest(this.plan.runDir, changes));
    this.lastWrite = write.catch(() => undefined);
    return write;
  }
}

/** The program without the engine where the engine's tool cannot be loaded; why not is noted. */
async function commandLineOf(engine: Engine, plan: LaunchPlan, env: Environment): Promise<string[]> {
  const check = engine.checkCommand?.(plan);
  if (check === undefined) return engine.commandLine(plan);
  const reason = await runTool(check, { runDir: plan.runDir, env, timeoutMs: checkTimeoutMs });
  if (reason === undefined) return engine.commandLine(plan);
  noteReason(plan.runDir, `${engineFacts(engine.name).label} recorded nothing`, reason);
  return [...plan.interpreter, ...programWords(plan)];
}

/** The engine's, and the rate at which its substitute looks if it comes to that. */
function environmentOf(engine: Engine, plan: LaunchPlan): NodeJS.ProcessEnv {
  const environment = engine.environment(plan, inheritedEnvironment(plan.env));
  const rateHz = plan.substitute && String(plan.substitute.rateHz);
  return { ...environment, ...(rateHz && { PYROLENS_RATE_HZ: rateHz }) };
}

/** The launcher needs this variable in the desktop editor; the program must not see it. */
function inheritedEnvironment(changes: LaunchPlan['env'] = {}): Environment {
  const { ELECTRON_RUN_AS_NODE: _ours, ...environment } = process.env;
  for (const [name, value] of Object.entries(changes)) environment[name] = value ?? undefined;
  return environment;
}

async function spawned(child: ChildProcess, program: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', error => {
      reject(new PyrolensError('launchFailed', { path: program, reason: error.message }));
    });
  });
  return child.pid ?? 0;
}
