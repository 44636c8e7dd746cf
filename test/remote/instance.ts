// An "instance": OpenSSH's own server as a plain process on loopback, with its own host key, its own home folder, and
// one key that may log in. Everything of it lies in one temporary folder and ends with it.

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { RemoteTarget } from '../../daemon/portal/gateways.ts';
import { eventually } from '../fixture/eventually.ts';

export interface Instance extends AsyncDisposable {
  /** Everything of the test's; removed at the end. */
  readonly folder: string;
  /** The login folder. */
  readonly home: string;
  readonly target: RemoteTarget;
  /** Ends the server and all its connections. */
  stop(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
}

export interface InstanceOptions {
  /** The login shell. */
  readonly shell?: string;
  /** Lines added to sshd_config. */
  readonly configuration?: string;
  /** Programs put before all others, by name; a `curl` that finds nothing is always there. */
  readonly programs?: Readonly<Record<string, string>>;
  /** Those that are there besides; by default all of this machine. */
  readonly onlyPrograms?: readonly string[];
  /** Words for ssh-keygen that say what kind of key logs in. */
  readonly identityKind?: readonly string[];
  /** Text that the login shell's start-up files print. */
  readonly greeting?: string;
  /** The only answer to every command. */
  readonly refusal?: string;
}

/** Starts an instance. */
export async function startInstance(options: InstanceOptions = {}): Promise<Instance> {
  const folder = await mkdtemp(join(tmpdir(), 'portald-test-'));
  const home = join(folder, 'home');
  await mkdir(home);
  await mkdir(join(folder, 'tmp'));
  const port = await freePort();
  const { identityKind = ['-t', 'ed25519'] } = options;
  for (const [name, kind] of [
    ['host_key', ['-t', 'ed25519']],
    ['identity', identityKind],
  ] as const) {
    execFileSync('ssh-keygen', ['-q', ...kind, '-N', '', '-f', join(folder, name)]);
  }
  await mkdir(join(folder, 'bin'));
  // The metadata service of the machine that runs the tests is never asked.
  for (const [name, text] of Object.entries({ curl: '#!/bin/sh\nexit 7\n', ...options.programs })) {
    await writeFile(join(folder, 'bin', name), text, { mode: 0o755 });
  }
  for (const name of options.onlyPrograms ?? []) {
    const path = execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
    await symlink(path, join(folder, 'bin', name));
  }
  await writeFile(join(folder, 'login'), loginScript(folder, options));
  await chmod(join(folder, 'login'), 0o755);
  await writeFile(join(folder, 'sshd_config'), configurationOf(folder, port, options));
  let server: ChildProcess | undefined;
  const stop = async (): Promise<void> => {
    if (server?.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    // It takes no connection any more, which would outlive it.
    server.kill('SIGSTOP');
    // Each connection's processes have left sshd's group; one of a user other than root has two.
    for (const pid of connectionsOf(server.pid)) spawnSync('kill', ['-KILL', String(pid)]); // it may be gone already
    server.kill('SIGKILL');
    await exited;
  };
  const start = async (): Promise<void> => {
    // As root, sshd insists on this folder.
    if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
    server = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'sshd_config')], {
      stdio: ['ignore', 'ignore', 'ignore'],
    });
    await eventually('sshd listens', () => listens(port));
  };
  await start();
  const publicKey = await readFile(join(folder, 'host_key.pub'), 'utf8');
  return {
    folder,
    home,
    target: {
      instanceId: 'i-0123456789abcdef0',
      address: '127.0.0.1',
      port,
      user: userInfo().username,
      identityFile: join(folder, 'identity'),
      hostKeys: [publicKey.trim()],
      acceptFirstHostKey: false,
    },
    stop,
    start,
    async [Symbol.asyncDispose]() {
      await stop();
      // What its connections ran learns of their end a moment later, and may still make a file.
      await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}

/**
 * Keeps the login shell away from the start-up files of the user who runs the tests: they can be slow. The key exchange is
 * a cheap one, because the default costs more than the rest of a login.
 */
function configurationOf(folder: string, port: number, { configuration = '' }: InstanceOptions): string {
  return `${configuration}
Port ${port}
SetEnv HOME=${folder}/home
KexAlgorithms curve25519-sha256
ListenAddress 127.0.0.1
HostKey ${folder}/host_key
AuthorizedKeysFile ${folder}/identity.pub
PidFile none
StrictModes no
UsePAM no
PermitRootLogin yes
AllowTcpForwarding no
PasswordAuthentication no
KbdInteractiveAuthentication no
Subsystem sftp internal-sftp
ForceCommand ${folder}/login
`;
}

/** Stands for the login shell, in the instance's own home. */
function loginScript(folder: string, options: InstanceOptions): string {
  const { shell = '/bin/sh', greeting, refusal, onlyPrograms } = options;
  return `#!/bin/sh
export HOME='${folder}/home' TMPDIR='${folder}/tmp'
cd "$HOME"
export PATH='${folder}/bin'${onlyPrograms === undefined ? ':"$PATH"' : ''}
${greeting === undefined ? '' : `echo '${greeting}'`}
${refusal === undefined ? '' : `echo '${refusal}'; exit 142`}
exec ${shell} -c "$SSH_ORIGINAL_COMMAND"
`;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  // Below those that the system gives to connections: one of them could take it before it is listened on.
  const [lowest, highest] = [10_000, 30_000];
  for (;;) {
    const server = createServer();
    const port = randomInt(lowest, highest);
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    server.close();
    return port;
  }
}

/** sshd's processes below that one. */
function connectionsOf(pid: number): number[] {
  const { stdout } = spawnSync('pgrep', ['-P', String(pid), 'sshd'], { encoding: 'utf8' });
  const children = stdout.split('\n').filter(Boolean).map(Number);
  return children.flatMap((child) => [...connectionsOf(child), child]);
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
