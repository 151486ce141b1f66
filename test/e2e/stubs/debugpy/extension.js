/** Has the real debugger's type; it runs the program and says which process that is, as debugpy does. */
const { spawn } = require('node:child_process');
const vscode = require('vscode');

exports.activate = context => {
  context.subscriptions.push(
    vscode.debug.registerDebugAdapterDescriptorFactory('debugpy', {
      createDebugAdapterDescriptor: session =>
        new vscode.DebugAdapterInlineImplementation(new Adapter(session.configuration)),
    }),
  );
};

class Adapter {
  constructor(configuration) {
    this.configuration = configuration;
    this.sent = new vscode.EventEmitter();
    this.onDidSendMessage = this.sent.event;
    this.seq = 0;
  }

  handleMessage({ seq, command }) {
    if (command === 'launch') this.start();
    if (command === 'disconnect' || command === 'terminate') this.program?.kill();
    const body = command === 'threads' ? { threads: [{ id: 1, name: 'MainThread' }] } : {};
    this.send({ type: 'response', request_seq: seq, command, success: true, body });
    if (command === 'initialize') this.send({ type: 'event', event: 'initialized' });
  }

  start() {
    this.program = spawn('python3', [this.configuration.program], { stdio: 'ignore' });
    const body = {
      name: this.configuration.program,
      systemProcessId: this.program.pid,
      isLocalProcess: true,
      startMethod: 'launch',
    };
    this.send({ type: 'event', event: 'process', body });
    this.program.once('exit', () => this.send({ type: 'event', event: 'terminated' }));
  }

  send(message) {
    this.sent.fire({ seq: ++this.seq, ...message });
  }

  dispose() {
    this.program?.kill();
  }
}
