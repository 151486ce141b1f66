import * as vscode from 'vscode';
import { PyrolensError } from '../shared/failures';

const jupyterExtensionId = 'ms-toolsai.jupyter';
const errorMime = 'application/vnd.code.notebook.error';

/** The parts of the Jupyter extension's API that are used. */
interface JupyterApi {
  readonly kernels?: { getKernel?(uri: vscode.Uri): Promise<Kernel | undefined> };
}

/** A kernel that other extensions may run code in, as its extension hands it out. */
export interface Kernel {
  readonly language: string;
  executeCode(code: string, token: vscode.CancellationToken): AsyncIterable<KernelOutput>;
}

interface KernelOutput {
  readonly items: readonly { readonly mime: string; readonly data: Uint8Array }[];
}

/** The running Python kernel of a notebook. Fails with `noKernel`, or `kernelRefused` when the user did not agree. */
export async function kernelOf(notebook: vscode.Uri): Promise<Kernel> {
  const extension = vscode.extensions.getExtension<JupyterApi>(jupyterExtensionId);
  if (!extension) throw new PyrolensError('noKernel');
  const api = await extension.activate();
  const kernel = await api.kernels?.getKernel?.(notebook).catch((error: unknown) => {
    throw new PyrolensError('kernelRefused', { reason: String((error as Error).message) });
  });
  if (kernel?.language !== 'python') throw new PyrolensError('noKernel');
  return kernel;
}

/** Runs code beside the notebook's cells. Fails with `kernelRefused` and the last line of the error. */
export async function runInKernel(kernel: Kernel, code: string): Promise<void> {
  const token = new vscode.CancellationTokenSource().token;
  for await (const { items } of kernel.executeCode(code, token)) {
    const error = items.find(item => item.mime === errorMime);
    if (error) throw new PyrolensError('kernelRefused', { reason: reasonIn(error.data) });
  }
}

function reasonIn(data: Uint8Array): string {
  const text = new TextDecoder().decode(data);
  try {
    const { name, message } = JSON.parse(text) as { name?: string; message?: string };
    return [name, message].filter(Boolean).join(': ');
  } catch {
    return text.trim().split('\n').at(-1) ?? '';
  }
}
