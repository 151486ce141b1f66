/**
 * Has the real extension's id and the part of its API that is used. Its kernel is a real IPython with ipykernel's
 * compiler, so that cells have the file names that they have in Jupyter.
 */
const { spawn } = require('node:child_process');
const { join } = require('node:path');
const { createInterface } = require('node:readline');
const vscode = require('vscode');

const errorMime = 'application/vnd.code.notebook.error';

/** One Python process that runs one piece of code after the other. */
class KernelProcess {
  constructor() {
    const options = { stdio: ['pipe', 'ignore', 'inherit', 'pipe'] };
    this.process = spawn(process.env.PYROLENS_STUB_KERNEL, [join(__dirname, 'kernel.py')], options);
    this.replies = createInterface({ input: this.process.stdio[3] });
    this.waiting = [];
    this.replies.on('line', line => this.waiting.shift()?.(JSON.parse(line)));
  }

  run(code, isCell) {
    const reply = new Promise(resolve => this.waiting.push(resolve));
    this.process.stdin.write(`${JSON.stringify({ code, isCell })}\n`);
    return reply;
  }
}

exports.activate = context => {
  let kernel;
  let executionOrder = 0;
  const controller = vscode.notebooks.createNotebookController('stub', 'jupyter-notebook', 'Stub Python');
  controller.supportedLanguages = ['python'];
  controller.supportsExecutionOrder = true;
  controller.executeHandler = async cells => {
    kernel ??= new KernelProcess();
    for (const cell of cells) {
      const execution = controller.createNotebookCellExecution(cell);
      execution.executionOrder = ++executionOrder;
      execution.start(Date.now());
      const { error } = await kernel.run(cell.document.getText(), true);
      const items = error ? [vscode.NotebookCellOutputItem.error(error)] : [];
      await execution.replaceOutput(items.map(item => new vscode.NotebookCellOutput([item])));
      execution.end(error === null, Date.now());
    }
  };
  const prefer = notebook =>
    controller.updateNotebookAffinity(notebook, vscode.NotebookControllerAffinity.Preferred);
  for (const notebook of vscode.workspace.notebookDocuments) prefer(notebook);
  context.subscriptions.push(
    controller,
    vscode.workspace.onDidOpenNotebookDocument(prefer),
    new vscode.Disposable(() => kernel?.process.kill()),
  );
  return {
    kernels: {
      /** Undefined until a cell has run, as in the real one. */
      async getKernel() {
        return (
          kernel && {
            language: 'python',
            status: 'idle',
            async *executeCode(code) {
              const { error } = await kernel.run(code, false);
              if (error) yield { items: [{ mime: errorMime, data: Buffer.from(JSON.stringify(error)) }] };
            },
          }
        );
      },
    },
  };
};
