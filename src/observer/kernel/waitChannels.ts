import type { WaitReason } from '../../shared/profile';
import { type ProcFile, procText } from './procFile';

/** Kernel functions in which threads wait: their names vary with the kernel, so beginnings are compared. */
const channels: readonly (readonly [string, WaitReason])[] = [
  ['hrtimer_nanosleep', 'timer.sleep'],
  ['do_nanosleep', 'timer.sleep'],
  ['futex_', 'sync.lock'],
  ['ep_poll', 'io.poll'],
  ['do_epoll_wait', 'io.poll'],
  ['poll_schedule_timeout', 'io.poll'],
  ['do_sys_poll', 'io.poll'],
  ['do_select', 'io.poll'],
  ['do_poll', 'io.poll'],
  ['anon_pipe_read', 'ipc.pipe.read'],
  ['pipe_read', 'ipc.pipe.read'],
  ['anon_pipe_write', 'ipc.pipe.write'],
  ['pipe_write', 'ipc.pipe.write'],
  ['wait_for_partner', 'ipc.pipe.read'],
  ['unix_stream_read', 'ipc.pipe.read'],
  ['unix_stream_data_wait', 'ipc.pipe.read'],
  ['unix_dgram_recv', 'ipc.pipe.read'],
  ['unix_', 'ipc.pipe.write'],
  // Of the common protocols only those inside the machine wait here to send.
  ['sock_alloc_send_pskb', 'ipc.pipe.write'],
  ['sk_', 'io.net'],
  ['tcp_', 'io.net'],
  ['inet_', 'io.net'],
  ['__skb_', 'io.net'],
  ['n_tty_', 'io.tty'],
  ['tty_', 'io.tty'],
  ['do_wait', 'proc.wait'],
  ['folio_', 'io.disk'],
  ['io_schedule', 'io.disk'],
  ['wait_on_', 'io.disk'],
  ['blk', 'io.disk'],
  ['jbd2_', 'io.disk'],
  ['rq_qos_', 'io.disk'],
  ['nfs', 'io.disk'],
  ['rpc_', 'io.disk'],
  ['fuse_', 'io.disk'],
  ['request_wait_answer', 'io.disk'],
  ['do_signal_stop', 'sched.frozen'],
  ['ptrace_stop', 'sched.frozen'],
];

/** What the wait channel of a thread says (`/proc/PID/task/TID/wchan`); undefined when it says nothing that is known. */
export function reasonOfChannel(file: ProcFile | undefined): WaitReason | undefined {
  if (!file?.read()) return undefined;
  const name = procText.toString();
  return channels.find(([start]) => name.startsWith(start))?.[1];
}
