/**
 * Finds every Python the tests can use: `python3`, pyenv's, and 3.13 to 3.15 out of Debian testing in a change
 * root below the user's cache folder, made on first use.
 *
 * A change root is entered in a mount namespace of its own (`unshare`), so nothing stays mounted and a killed
 * test leaves nothing behind. Folders of this machine are visible inside under the same path.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ensureDebianPackage } from './debianPackages.mjs';

const run = promisify(execFile);
/** Bundled tests lie elsewhere than this file, but all of them run with the checkout as working folder. */
const checkout = process.cwd();
const suite = 'testing';
const chrootVersions = ['3.13', '3.14', '3.15'];
/** Part of the folder's name: raise it when the recipe changes, and the change root is made anew. */
const recipe = 1;
const minutes = 60_000;

/**
 * @typedef {object} Interpreter
 * @property {string} version as `3.12.1`
 * @property {string[]} command program and first arguments; append Python's own
 * @property {'local' | 'chroot'} kind
 * @property {string} [root] the change root's folder
 */

/**
 * Returns the interpreters, oldest first, one for each version and kind. Prints why there is no change root.
 * @param {{withChroot?: boolean, log?: (line: string) => void}} [options]
 * @returns {Promise<Interpreter[]>}
 */
export async function findInterpreters(options = {}) {
  const log = options.log ?? (line => console.error(line));
  const local = await localInterpreters();
  const inside = options.withChroot === false ? [] : await chrootInterpreters(log);
  return [...local, ...inside].sort((a, b) => compareVersions(a.version, b.version));
}

/**
 * Returns the interpreter with further folders of this machine visible to it; the checkout and the folder for
 * temporary files always are.
 * @param {Interpreter} interpreter
 * @param {string[]} folders absolute
 * @returns {Interpreter}
 */
export function mountInto(interpreter, folders) {
  if (interpreter.root === undefined) return interpreter;
  const [enter, root, seen, ...python] = interpreter.command;
  return { ...interpreter, command: [enter, root, [seen, ...folders].join(':'), ...python] };
}

async function localInterpreters() {
  const byVersion = new Map();
  for (const program of ['python3', ...(await pyenvPrograms())]) {
    const version = await versionOf([program]);
    if (version !== undefined && !byVersion.has(version)) {
      byVersion.set(version, { version, command: [await realProgram(program)], kind: 'local' });
    }
  }
  return [...byVersion.values()];
}

async function pyenvPrograms() {
  const folder = join(process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv'), 'versions');
  const names = existsSync(folder) ? await readdir(folder) : [];
  return names.map(name => join(folder, name, 'bin', 'python')).filter(existsSync);
}

/** A version manager's stand-in starts slowly and is another process: ask Python where it really is. */
async function realProgram(program) {
  const { stdout } = await run(program, ['-c', 'import sys; print(sys.executable)']);
  return stdout.trim() || program;
}

/** Undefined when it does not run or is older than 3.9. */
async function versionOf(command) {
  const script = 'import sys; print(".".join(map(str, sys.version_info[:3])))';
  try {
    const { stdout } = await run(command[0], [...command.slice(1), '-c', script]);
    return compareVersions(stdout.trim(), '3.9') >= 0 ? stdout.trim() : undefined;
  } catch {
    return undefined;
  }
}

function compareVersions(a, b) {
  const [left, right] = [a, b].map(text => text.split('.').map(Number));
  const at = [0, 1, 2].find(index => (left[index] ?? 0) !== (right[index] ?? 0));
  return at === undefined ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
}

async function chrootInterpreters(log) {
  const root = join(cacheFolder(), `debian-${suite}-${recipe}`);
  try {
    const enter = await entered(root, log);
    const found = await Promise.all(chrootVersions.map(version => chrootInterpreter(enter, root, version)));
    return found.filter(interpreter => interpreter !== undefined);
  } catch (error) {
    log(`No Python out of Debian ${suite}: ${error.message.split('\n')[0]}`);
    return [];
  }
}

async function chrootInterpreter(enter, root, version) {
  const command = [enter, root, `${checkout}:${tmpdir()}`, `/usr/bin/python${version}`];
  const found = existsSync(join(root, 'usr/bin', `python${version}`)) ? await versionOf(command) : undefined;
  return found === undefined ? undefined : { version: found, command, kind: 'chroot', root };
}

/** Makes the change root unless it is there, and returns the script that enters it. */
async function entered(root, log) {
  if (process.platform !== 'linux') throw new Error('only Linux can have a change root');
  if (process.getuid?.() !== 0) throw new Error('a change root needs root');
  if (!existsSync(root)) await makeChroot(root, log);
  const enter = join(cacheFolder(), 'enter.sh');
  await writeFile(`${enter}.${process.pid}`, enterScript);
  await chmod(`${enter}.${process.pid}`, 0o755);
  await rename(`${enter}.${process.pid}`, enter);
  return enter;
}

async function makeChroot(root, log) {
  ensureDebianPackage('debootstrap', () => existsSync('/usr/sbin/debootstrap'), log);
  const { uri, suite: own } = await aptSource();
  log(`Making a change root of Debian ${suite} in ${root} …`);
  const making = `${root}.${process.pid}`;
  await mkdir(dirname(root), { recursive: true });
  const limits = { timeout: 20 * minutes, maxBuffer: 1 << 26 };
  try {
    await linkSuiteScript(own);
    // What debootstrap mounts goes with its name space, so the removal below can never reach into it.
    const alone = ['--mount', '--propagation', 'private', 'debootstrap', '--variant=minbase'];
    await run('unshare', [...alone, suite, making, uri], limits);
    const names = await availablePackages(making);
    if (names.length === 0) throw new Error(`Debian ${suite} has none of ${chrootVersions.join(', ')}`);
    const install = ['apt-get', 'install', '-y', '--no-install-recommends', ...names];
    await run('chroot', [making, 'env', 'DEBIAN_FRONTEND=noninteractive', ...install], limits);
    await rename(making, root);
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}

async function availablePackages(root) {
  const wanted = chrootVersions.map(version => `python${version}`);
  const { stdout } = await run('chroot', [root, 'apt-cache', 'policy', ...wanted]);
  return wanted.filter(name => new RegExp(`^${name}:\\n.*\\n +Candidate: \\d`, 'm').test(stdout));
}

/** The mirror and suite that this machine's apt is set up for. */
async function aptSource() {
  const format = ['indextargets', '--format', '$(REPO_URI) $(SUITE) $(COMPONENT)'];
  const { stdout } = await run('apt-get', format).catch(() => ({ stdout: '' }));
  const sources = stdout.split('\n').map(line => line.split(' '));
  const main = sources.find(([, name, component]) => component === 'main' && name && !/-/.test(name));
  if (main === undefined) throw new Error('apt has no package lists here: run apt-get update');
  return { uri: main[0], suite: main[1] };
}

/** debootstrap older than the suite lacks its script; all newer suites use the same one. */
async function linkSuiteScript(own) {
  const scripts = '/usr/share/debootstrap/scripts';
  if (existsSync(join(scripts, suite))) return;
  await symlink(existsSync(join(scripts, 'sid')) ? 'sid' : own, join(scripts, suite));
}

function cacheFolder() {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'pyrolens', 'chroots');
}

/** enter.sh ROOT FOLDER:FOLDER PROGRAM ARGUMENTS…: the process id stays the same all the way. */
const enterScript = `#!/bin/sh
if [ "$PYROLENS_ENTERED" != "$$" ]; then
  PYROLENS_ENTERED=$$ exec unshare --mount --propagation private "$0" "$@"
fi
unset PYROLENS_ENTERED
root=$1 folders=$2 here=$PWD
shift 2
IFS=:
for folder in /proc:/dev:/sys:$folders; do
  for one in $folder; do
    mkdir -p "$root$one" && mount --rbind "$one" "$root$one" || exit 126
  done
done
unset IFS
# A tool inside finds the files of a program inside under the path that they have outside.
[ -e "$root$root" ] || { mkdir -p "$(dirname "$root$root")" && ln -s / "$root$root"; }
exec chroot "$root" /bin/sh -c 'cd "$1" && shift && exec "$@"' sh "$here" "$@"
`;
