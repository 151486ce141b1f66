/** What the system calls wait for that a thread may be blocked in. */

export type CallKind =
  | 'sleep'
  | 'futex'
  | 'pollArray'
  | 'select'
  | 'poll'
  | 'read'
  | 'write'
  | 'network'
  | 'socketRead'
  | 'socketWrite'
  | 'disk'
  | 'child'
  | 'sharedLock';

/** Numbers on x86-64 (`arch/x86/entry/syscalls/syscall_64.tbl` of Linux) and on arm64 (`asm-generic/unistd.h`); -1 none. */
export const blockingCalls: Readonly<Record<CallKind, readonly (readonly [string, number, number])[]>> = {
  sleep: [
    ['nanosleep', 35, 101],
    ['clock_nanosleep', 230, 115],
  ],
  futex: [['futex', 202, 98]],
  pollArray: [
    ['poll', 7, -1],
    ['ppoll', 271, 73],
  ],
  select: [
    ['select', 23, -1],
    ['pselect6', 270, 72],
  ],
  poll: [
    ['epoll_wait', 232, -1],
    ['epoll_pwait', 281, 22],
    ['epoll_pwait2', 441, 441],
    ['io_uring_enter', 426, 426],
  ],
  read: [
    ['read', 0, 63],
    ['pread64', 17, 67],
    ['readv', 19, 65],
    ['preadv', 295, 69],
    ['preadv2', 327, 286],
  ],
  write: [
    ['write', 1, 64],
    ['pwrite64', 18, 68],
    ['writev', 20, 66],
    ['pwritev', 296, 70],
    ['pwritev2', 328, 287],
    ['sendfile', 40, 71],
  ],
  network: [
    ['connect', 42, 203],
    ['accept', 43, 202],
    ['accept4', 288, 242],
  ],
  socketRead: [
    ['recvfrom', 45, 207],
    ['recvmsg', 47, 212],
    ['recvmmsg', 299, 243],
  ],
  socketWrite: [
    ['sendto', 44, 206],
    ['sendmsg', 46, 211],
    ['sendmmsg', 307, 269],
  ],
  disk: [
    ['fsync', 74, 82],
    ['fdatasync', 75, 83],
    ['sync', 162, 81],
    ['syncfs', 306, 267],
    ['sync_file_range', 277, 84],
    ['msync', 26, 227],
    ['open', 2, -1],
    ['openat', 257, 56],
    ['fallocate', 285, 47],
    ['ftruncate', 77, 46],
    ['copy_file_range', 326, 285],
    ['getdents64', 217, 61],
    ['statx', 332, 291],
  ],
  child: [
    ['wait4', 61, 260],
    ['waitid', 247, 95],
    // Only to start a child that has not yet become another program.
    ['vfork', 58, -1],
    ['clone', 56, 220],
    ['clone3', 435, 435],
  ],
  sharedLock: [
    ['flock', 73, 32],
    ['fcntl', 72, 25],
    ['semop', 65, 193],
    ['semtimedop', 220, 192],
    ['msgsnd', 69, 189],
    ['msgrcv', 70, 188],
    ['mq_timedsend', 242, 182],
    ['mq_timedreceive', 243, 183],
  ],
};

const kinds = new Map<number, CallKind>();
for (const [kind, rows] of Object.entries(blockingCalls)) {
  for (const [, x64, arm64] of rows) {
    const number = process.arch === 'arm64' ? arm64 : x64;
    if (number >= 0) kinds.set(number, kind as CallKind);
  }
}

/** Undefined for a call that no rule knows. Of the observer's own architecture, which is the program's. */
export function kindOfCall(number: number): CallKind | undefined {
  return kinds.get(number);
}
