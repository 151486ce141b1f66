/** Has the real extension's id and the shape of its API; what it answers stands in a file that the test rewrites. */
const { readFileSync } = require('node:fs');
const { dirname } = require('node:path');
const vscode = require('vscode');

const answer = () => JSON.parse(readFileSync(process.env.PYROLENS_STUB_ANSWERS, 'utf8')).environments ?? {};

/** Like the real one it looks at explicit values only, whatever the effective value is, and exports nothing when off. */
function isEnabled() {
  const values = vscode.workspace.getConfiguration('python').inspect('useEnvironmentsExtension');
  return ![values?.globalValue, values?.workspaceValue, values?.workspaceFolderValue].includes(false);
}

function environment(executable) {
  return {
    envId: { id: executable, managerId: 'ms-python.python:venv' },
    name: 'stub',
    displayName: 'stub',
    displayPath: executable,
    version: '0',
    environmentPath: vscode.Uri.file(executable),
    sysPrefix: dirname(dirname(executable)),
  };
}

exports.activate = context => {
  if (!isEnabled()) return undefined;
  const command = vscode.commands.registerCommand('python-envs.set', () =>
    vscode.window.showInformationMessage('Stub: python-envs.set'),
  );
  context.subscriptions.push(command);
  return {
    /** Environments belong to projects, which are found by a file: a folder's would be another one. */
    async getEnvironment(scope) {
      const { environmentPath, isStuck } = answer();
      if (isStuck) return new Promise(() => undefined);
      if (!environmentPath || !scope?.fsPath.endsWith('.py')) return undefined;
      return environment(environmentPath);
    },
    async resolveEnvironment(path) {
      const { environmentPath, run } = answer();
      if (path.fsPath !== environmentPath) return undefined;
      return { ...environment(environmentPath), execInfo: { run } };
    },
  };
};
