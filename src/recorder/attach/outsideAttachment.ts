import type { AttachedTarget } from '../engines/index';
import { SamplerProcess, type SamplingEngine } from '../samplerProcess';
import type { Attachment } from './attachment';

/** The engine's tool, looking at the program from outside. */
export class OutsideAttachment implements Attachment {
  private readonly tool: SamplerProcess;

  constructor(
    private readonly engine: SamplingEngine,
    private readonly target: AttachedTarget,
  ) {
    const words = engine.sampler.commandLine(target, target.attach.pid);
    this.tool = SamplerProcess.start(engine, target.runDir, words);
  }

  get pid(): number | undefined {
    return this.tool.pid;
  }

  get hasEnded(): boolean {
    return this.tool.hasEnded;
  }

  get reason(): string {
    return this.tool.whyNothing();
  }

  begin(): Promise<boolean> {
    return this.tool.begin();
  }

  async finish(how: 'programEnded' | 'stopped'): Promise<void> {
    const { runDir, attach } = this.target;
    if (how === 'stopped' && !this.tool.hasEnded) {
      await this.engine.requestStop({ runDir, pid: attach.pid, samplerPid: this.tool.pid });
    }
    await this.tool.finish(how === 'stopped');
  }
}
