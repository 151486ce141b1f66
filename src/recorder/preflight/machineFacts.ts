import { runBriefly } from './briefRun';
import type { MachineFacts } from './permissions';
import { readPtraceRights } from './ptraceRights';

const probeTimeoutMs = 10_000;

/**
 * A parent tries both calls by which profilers look into a process: reading its memory, and PTRACE_SEIZE (0x4206).
 * After fork(2) the text lies at the same address in the child. The child ends with its parent: the pipe closes.
 */
const probe = `import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
text = ctypes.create_string_buffer(b"seen", 5)
copy = ctypes.create_string_buffer(5)
class Range(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
def at(buffer):
    return ctypes.byref(Range(ctypes.addressof(buffer), 5))
ends = os.pipe()
pid = os.fork()
if pid == 0:
    os.close(ends[1])
    os.read(ends[0], 1)
    os._exit(0)
one, none = ctypes.c_ulong(1), ctypes.c_ulong(0)
was_read = libc.process_vm_readv(pid, at(copy), one, at(text), one, none) == 5
was_seized = libc.ptrace(0x4206, pid, None, None) == 0
os.close(ends[1])
os.kill(pid, 9)
os.waitpid(pid, 0)
print("allowed" if was_read and was_seized else "refused")
`;

/** Reads the facts of this machine. The interpreter is needed for the attempt on Linux; anything may be missing. */
export async function readMachineFacts(interpreter: readonly string[]): Promise<MachineFacts> {
  const platform = process.platform;
  const isRoot = process.getuid?.() === 0;
  const [rights, childProbe] = await Promise.all([
    readPtraceRights(),
    platform === 'linux' ? probeChild(interpreter) : ('unknown' as const),
  ]);
  return { platform, isRoot, childProbe, ...rights };
}

async function probeChild(interpreter: readonly string[]): Promise<MachineFacts['childProbe']> {
  const { stdout } = await runBriefly([...interpreter, '-I', '-c', probe], { timeoutMs: probeTimeoutMs });
  const answer = stdout.trim();
  return answer === 'allowed' || answer === 'refused' ? answer : 'unknown';
}
