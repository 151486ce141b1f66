import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  parseCommandLine,
  parseMappedFiles,
  parseStat,
  parseStatus,
  parseUsers,
} from '../../../../src/recorder/processList/procTexts';
import { parsePs } from '../../../../src/recorder/processList/psProcesses';
import {
  interpreterLibrary,
  pythonOfExecutable,
  pythonOfMappedFiles,
} from '../../../../src/recorder/processList/pythonNames';
import { versionInBytes } from '../../../../src/recorder/processList/versionInBinary';
import { parsePowerShell } from '../../../../src/recorder/processList/windowsProcesses';

describe('/proc of Linux', () => {
  const tail =
    'S 4021 4100 4021 34816 4100 4194304 1 2 3 4 1234 66 7 8 20 0 3 0 987654 1 2 3 4 5 6 7 8 9 10 11 12';

  it('tells state, parent, processor time and start, whatever the program is called', () => {
    for (const name of ['python3', 'my (odd) name', ') S 1 (']) {
      assert.deepEqual(parseStat(`4100 (${name}) ${tail}\n`), {
        state: 'S',
        parentPid: 4021,
        cpuSeconds: 13,
        startedAfterSeconds: 9876.54,
      });
    }
    for (const text of ['', '4100 (python3', '4100 (python3) S', 'garbage'])
      assert.equal(parseStat(text), undefined);
  });

  it('tells the words of a command line, empty ones too', () => {
    assert.deepEqual(parseCommandLine('python3\0-m\0app\0--name=a b\0\0last\0'), [
      'python3',
      '-m',
      'app',
      '--name=a b',
      '',
      'last',
    ]);
    assert.deepEqual(parseCommandLine('nginx: worker process\0\0\0\0'), ['nginx: worker process']);
    assert.deepEqual(parseCommandLine(''), []);
  });

  it('tells whom a process acts for, and its id in a container', () => {
    const status = (pids: string) => `Name:\tpython3\nPid:\t4100\nNSpid:\t${pids}\nUid:\t0\t33\t33\t33\n`;
    assert.deepEqual(parseStatus(status('4100\t17')), { uid: 33, ownPid: 17, pidNamespaceCount: 2 });
    assert.equal(parseStatus(status('4100'))?.ownPid, 4100);
    assert.equal(parseStatus(''), undefined);
  });

  it('tells the mapped files, with spaces, also those replaced meanwhile', () => {
    const maps = `55d0-55d1 r--p 00000000 fe:00 131 /usr/bin/python3.11
55d1-55d2 r-xp 00001000 fe:00 131 /usr/bin/python3.11
7f00-7f01 rw-p 00000000 00:00 0
7f01-7f02 r-xp 00000000 fe:00 9 /opt/my app/libpython3.12.so.1.0 (deleted)
7ffc-7ffd rw-p 00000000 00:00 0 [stack]
`;
    assert.deepEqual(parseMappedFiles(maps), ['/usr/bin/python3.11', '/opt/my app/libpython3.12.so.1.0']);
  });

  it('tells the names of users, the first of two with one number', () => {
    const users = parseUsers(
      'root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/:/\n\n',
    );
    assert.deepEqual([users.get(0), users.get(33), users.get(1)], ['root', 'www-data', undefined]);
  });
});

describe('a Python', () => {
  it('is known by its executable', () => {
    const found = (path: string) => {
      const python = pythonOfExecutable(path);
      return python && [python.implementation, python.version, python.isFreeThreaded];
    };
    assert.deepEqual(found('/usr/bin/python3.11'), ['cpython', '3.11', false]);
    assert.deepEqual(found('/opt/python3.14t'), ['cpython', '3.14', true]);
    assert.deepEqual(found('/opt/python3.13d'), ['cpython', '3.13', false]);
    assert.deepEqual(found('/opt/venv/bin/python3'), ['cpython', '', false]);
    assert.deepEqual(found('/opt/pypy3.10'), ['pypy', '3.10', false]);
    assert.deepEqual(found('C:\\Users\\me\\Python312\\python.exe'), ['cpython', '3.12', false]);
    assert.deepEqual(found('C:\\venv\\Scripts\\pythonw.exe'), ['cpython', '', false]);
    const framework =
      '/Library/Frameworks/Python.framework/Versions/3.12/Resources/Python.app/Contents/MacOS/Python';
    assert.deepEqual(found(framework), ['cpython', '3.12', false]);
    for (const path of ['', '/usr/bin/node', '/usr/bin/python-config', '/usr/bin/pythonic', '/usr/bin/uwsgi'])
      assert.equal(found(path), undefined, path);
  });

  it('is known inside another program by what that has mapped', () => {
    const found = (...paths: string[]) => pythonOfMappedFiles(['/lib/libc.so.6', ...paths]);
    const frozen = '/tmp/_MEI1/libpython3.12.so.1.0';
    assert.deepEqual(found(frozen), { implementation: 'cpython', version: '3.12', isFreeThreaded: false });
    assert.equal(found('/opt/libpython3.14t.so.1.0')?.isFreeThreaded, true);
    assert.equal(found('/opt/lib/python3.9/lib-dynload/_json.so')?.version, '3.9');
    assert.equal(found('/app/numpy/core/_mp.cpython-310-x86_64-linux-gnu.so')?.version, '3.10');
    assert.equal(found('/usr/lib/libpython-notes.so', '/usr/share/python3.11/notes'), undefined);
    assert.equal(interpreterLibrary(['/usr/bin/app', frozen]), frozen);
  });

  it('tells its full version in its file', () => {
    const version = (text: string) => versionInBytes(Buffer.from(text, 'latin1'), '3.12');
    assert.equal(version('\0' + '3.2.0\0' + '3.12.1\0'), '3.12.1');
    assert.equal(version('x\0' + '3.12.0rc2\0'), '3.12.0rc2');
    assert.equal(version('x\0' + '3.12.7+\0'), '3.12.7');
    assert.equal(version('/opt/versions/3.12.4\0'), '3.12.4');
    assert.equal(version('/opt/versions/3.12.4\0' + 'x\0' + '3.12.9\0'), '3.12.9');
    for (const text of ['', '3.12', '13.12.1\0', '1.3.12.1\0', '3.12.1 and more', '3.12.x\0'])
      assert.equal(version(text), undefined, text);
  });
});

describe('ps of macOS', () => {
  const text = `    1     0     0 root       10-02:03:04   1:02.50   0.0 /sbin/launchd
  812   700   501 ada           02:03:04   0:10.25  99,5 /opt/homebrew/bin/python3.12 -m http.server 8000
  900   812   501 ada              00:07   0:00.10   1.5 /Library/Frameworks/Python.framework/Versions/3.13/Resources/Python.app/Contents/MacOS/Python /Users/ada/my app/serve.py
 1000   812   502 bob              01:00   0:00.00   0.0 /Users/bob/My Tools/bin/python3.11 x.py
garbage
`;
  const found = parsePs(text, { uid: 501, nowMs: 1_000_000_000 });

  it('tells processes, their Python, age and processor time', () => {
    assert.deepEqual(
      found.map(({ pid, python, isOwn }) => [pid, python?.version, isOwn]),
      [
        [1, undefined, false],
        [812, '3.12', true],
        [900, '3.13', true],
        [1000, '3.11', false],
      ],
    );
    const [launchd, server] = found;
    assert.equal(1_000_000_000 - (launchd?.startedAtMs ?? 0), (10 * 86_400 + 2 * 3600 + 3 * 60 + 4) * 1000);
    assert.deepEqual([server?.parentPid, server?.cpuSeconds, server?.cpuShare], [700, 10.25, 0.995]);
    assert.deepEqual(server?.command, ['/opt/homebrew/bin/python3.12', '-m', 'http.server', '8000']);
    assert.equal(found[3]?.executable, '/Users/bob/My Tools/bin/python3.11');
  });
});

describe('PowerShell of Windows', () => {
  const row = (more: object) => ({
    ProcessId: 1,
    ParentProcessId: 0,
    CommandLine: null,
    ExecutablePath: null,
    KernelModeTime: 0,
    UserModeTime: 0,
    StartedMs: null,
    Version: null,
    ...more,
  });

  it('tells processes, their Python and processor time', () => {
    const text = JSON.stringify([
      row({ ProcessId: 0 }),
      row({
        ProcessId: 40,
        ParentProcessId: 4,
        CommandLine: '"C:\\Program Files\\Python312\\python.exe" -m app "two words"',
        ExecutablePath: 'C:\\Program Files\\Python312\\python.exe',
        KernelModeTime: 5_000_000,
        UserModeTime: 15_000_000,
        StartedMs: 1700000000000,
        Version: '3.12.4',
      }),
    ]);
    const [idle, python] = parsePowerShell(text);
    assert.deepEqual([idle?.isOwn, idle?.python], [false, undefined]);
    assert.deepEqual(python?.command, ['C:\\Program Files\\Python312\\python.exe', '-m', 'app', 'two words']);
    assert.deepEqual(
      [python?.python?.version, python?.cpuSeconds, python?.startedAtMs, python?.isOwn],
      ['3.12.4', 2, 1700000000000, true],
    );
  });

  it('leaves out the launcher of a virtual environment: the Python is its child', () => {
    const launcher = 'C:\\venv\\Scripts\\python.exe';
    const base = 'C:\\Python312\\python.exe';
    const text = JSON.stringify([
      row({ ProcessId: 5, CommandLine: `${launcher} app.py`, ExecutablePath: launcher }),
      row({ ProcessId: 6, ParentProcessId: 5, CommandLine: `"${launcher}" app.py`, ExecutablePath: base }),
    ]);
    assert.deepEqual(
      parsePowerShell(text).map(({ pid }) => pid),
      [6],
    );
  });

  it('may tell of one process only, or nothing that can be read', () => {
    assert.equal(parsePowerShell(JSON.stringify(row({ ProcessId: 9 })))[0]?.pid, 9);
    for (const text of ['', 'null', '[null]', '{}', 'Get-CimInstance: denied'])
      assert.deepEqual(parsePowerShell(text), []);
  });
});
