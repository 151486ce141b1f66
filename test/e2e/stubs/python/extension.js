/** Has the real extension's id and the shape of its API; what it answers stands in a file that the test rewrites. */
const { readFileSync } = require('node:fs');
const { dirname } = require('node:path');
const vscode = require('vscode');

const answer = () => JSON.parse(readFileSync(process.env.PYROLENS_STUB_ANSWERS, 'utf8')).python ?? {};

exports.activate = context => {
  const command = vscode.commands.registerCommand('python.setInterpreter', () =>
    vscode.window.showInformationMessage('Stub: python.setInterpreter'),
  );
  context.subscriptions.push(command);
  return {
    ready: Promise.resolve(),
    environments: {
      /** The path of a folder, as for environments that may lack an interpreter; empty when none is chosen. */
      getActiveEnvironmentPath(resource) {
        const { folder } = answer();
        return resource?.fsPath.endsWith('.py') && folder
          ? { id: folder, path: folder }
          : { id: 'DEFAULT_PYTHON', path: '' };
      },
      /** Without an executable it is a conda environment that Python was never installed into. */
      async resolveEnvironment(environment) {
        const { folder, executable } = answer();
        if (environment?.path !== folder) return undefined;
        const uri = executable && vscode.Uri.file(executable);
        return {
          ...environment,
          executable: { uri, bitness: '64-bit', sysPrefix: executable && dirname(dirname(executable)) },
          environment: undefined,
          version: undefined,
          tools: [],
        };
      },
    },
  };
};
