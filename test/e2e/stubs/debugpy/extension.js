/** Has the real extension's debug type, and starts the real debugger's adapter as that does. */
const vscode = require('vscode');

exports.activate = context => {
  const adapter = new vscode.DebugAdapterExecutable(process.env.PYROLENS_STUB_DEBUGPY, [
    '-m',
    'debugpy.adapter',
  ]);
  context.subscriptions.push(
    vscode.debug.registerDebugAdapterDescriptorFactory('debugpy', {
      createDebugAdapterDescriptor: () => adapter,
    }),
  );
};
