import { PyrolensError } from '../../shared/failures';
import { isProcessAlive } from '../processAlive';
import { findProcess, type PythonInside, type RunningProcess, shortName } from '../processList/index';
import { denialOf, permissionFacts } from './permission';

/** A process that runs Python. */
export type PythonProcess = RunningProcess & { readonly python: PythonInside };

/**
 * The process, when it runs Python and may be looked at. Fails with `processGone`, `attachDenied` or `notPython`, in
 * this order: what may not be read may be a Python all the same.
 */
export async function requireAttachable(pid: number): Promise<PythonProcess> {
  const found = await findProcess(pid);
  if (found === undefined) throw gone(pid);
  const facts = { pid: String(pid), name: shortName(found), user: found.user };
  const cause = denialOf(await permissionFacts(pid));
  if (cause !== undefined)
    throw isProcessAlive(pid) ? new PyrolensError('attachDenied', { ...facts, cause }) : gone(pid);
  const { python } = found;
  if (python === undefined) throw new PyrolensError('notPython', facts);
  return { ...found, python };
}

function gone(pid: number): PyrolensError {
  return new PyrolensError('processGone', { pid: String(pid) });
}
