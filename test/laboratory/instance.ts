// An instance on the real kernel: namespaces of its own (network, mounts, processes) with OpenSSH's server at its own
// address, the metadata service at its real one, and the devices that are attached to it. It ends as one, however the test
// ends: process 1 reads a pipe of ours.
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { RemoteTarget } from '../../daemon/portal/gateways.ts';
import { attachScript, bootScript, detachScript } from './boot-script.ts';
import { type LoopDevice, openLoopDevice } from './volume.ts';

export interface LaboratoryInstance extends AsyncDisposable {
  /** On this machine: keys, and the runtime folder of links. */
  readonly folder: string;
  readonly target: RemoteTarget;
  /** Runs a shell script as root on the instance, not by SSH; resolves to its standard output. */
  asRoot(script: string, ...words: string[]): Promise<string>;
  /** A process of root's there that ends with the instance. */
  start(program: string, ...words: string[]): ChildProcess;
  /** Starts the metadata service; tells it what to answer at a path. Until then nothing listens there. */
  serveMetadata(): Promise<(path: string, answer: string) => void>;
  /** Attaches `image`; `serial` as on Nitro, none as on Xen. `name` is the kernel's choice, for example nvme1n1. */
  attach(image: string, name: string, serial?: string): Promise<void>;
  /** The volume goes away, whoever uses it; idempotent. */
  detach(name: string): Promise<void>;
  /** Paths that were written or deleted there so far, but for those of /proc, /sys, /dev, /run and /tmp. */
  written(): Promise<string[]>;
}

export interface LaboratoryOptions {
  /** A shell script run as root before the SSH server starts: what makes this image different from others. */
  readonly image?: string;
  readonly sshPort?: number;
  /** Lines added to sshd_config. */
  readonly configuration?: string;
}

const path = '/usr/sbin:/usr/bin:/sbin:/bin';
const running = promisify(execFile);

/** Boots an instance. */
export async function startInstance(options: LaboratoryOptions = {}): Promise<LaboratoryInstance> {
  const { image = ':', sshPort = 22, configuration = '' } = options;
  const folder = mkdtempSync(join(tmpdir(), 'portald-laboratory-'));
  const fixture = join(folder, 'fixture');
  mkdirSync(fixture);
  for (const name of ['host_key', 'identity']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
  }
  const namespaces = ['--net', '--mount', '--pid', '--fork', '--uts', '--ipc', '--kill-child=KILL'];
  const process1 = spawn('unshare', [...namespaces, 'sh', '-c', bootScript, 'boot', fixture], {
    detached: true,
    env: { PATH: path },
  });
  let said = '';
  process1.stderr.on('data', (text: Buffer) => {
    said += text.toString();
  });
  process1.stdin.on('error', () => {});
  const ended = once(process1, 'close');
  const booted = await Promise.race([
    once(createInterface(process1.stdout), 'line').then(() => true),
    ended.then(() => false),
  ]);
  if (!booted) throw new Error(`the instance did not boot: ${said}`);
  const pid = readFileSync(`/proc/${process1.pid}/task/${process1.pid}/children`, 'utf8').trim();
  const enter = ['-t', pid, '-m', '-n', '-p', '-u', '-i', '--'];
  const asRoot = async (script: string, ...words: string[]): Promise<string> => {
    const all = [...enter, 'sh', '-c', script, 'sh', ...words];
    const { stdout } = await running('nsenter', all, { env: { PATH: path, HOME: '/root' }, maxBuffer: 1e8 });
    return stdout;
  };
  const start = (program: string, ...words: string[]): ChildProcess =>
    spawn('nsenter', [...enter, program, ...words], {
      detached: true,
      env: { PATH: path },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
  const address = connectNetwork(pid);
  const publicKey = (name: string): string => readFileSync(join(folder, `${name}.pub`), 'utf8').trim();
  const files = {
    '/etc/ssh/laboratory_key': [readFileSync(join(folder, 'host_key'), 'utf8'), '600'],
    '/home/ubuntu/.ssh/authorized_keys': [`${publicKey('identity')}\n`, '644'],
    '/etc/ssh/laboratory_config': [`${configuration}\n${configurationOf(sshPort)}`, '644'],
  };
  for (const [file, [text = '', mode = '']] of Object.entries(files)) {
    await asRoot('printf %s "$2" > "$1" && chmod "$3" "$1"', file, text, mode);
  }
  await asRoot(image);
  await asRoot('/usr/sbin/sshd -f /etc/ssh/laboratory_config');
  const devices = new Map<string, LoopDevice>();
  const services: ChildProcess[] = [];
  return {
    folder,
    target: {
      instanceId: 'i-0123456789abcdef0',
      address,
      port: sshPort,
      user: 'ubuntu',
      identityFile: join(folder, 'identity'),
      hostKeys: [publicKey('host_key')],
      acceptFirstHostKey: false,
    },
    asRoot,
    start,
    async serveMetadata() {
      // In the instance's network, and otherwise here, where its program is.
      const program = join(import.meta.dirname, 'metadata-program.ts');
      const service = spawn('nsenter', ['-t', pid, '-n', process.execPath, program], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      services.push(service);
      await once(service.stdout, 'data');
      return (at, answer) => void service.stdin.write(`${JSON.stringify([at, answer])}\n`);
    },
    async attach(file, name, serial = '') {
      if (devices.has(name)) throw new Error(`${name} is attached already`);
      const device = await openLoopDevice(file);
      devices.set(name, device);
      const kernelName = device.path.replace('/dev/', '');
      await asRoot(attachScript, name, String(device.major), String(device.minor), kernelName, serial);
    },
    async detach(name) {
      const device = devices.get(name);
      if (device === undefined) return;
      devices.delete(name);
      await asRoot(detachScript, name, String(device.major), String(device.minor));
      await device.end();
    },
    async written() {
      return (await asRoot('cd /.laboratory/upper && find . -mindepth 1 -print0'))
        .split('\0')
        .filter(Boolean);
    },
    async [Symbol.asyncDispose]() {
      for (const service of services) service.kill();
      // Not `unshare`, which would end before the processes of its namespaces have.
      if (process1.exitCode === null && process1.signalCode === null) process.kill(Number(pid), 'SIGKILL');
      await ended;
      for (const device of devices.values()) await device.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Joins the instance and this machine by a pair of interfaces, which ends with the instance; its address. */
function connectNetwork(pid: string): string {
  const [third, fourth] = [Number(pid) >> 6, (Number(pid) & 63) * 4];
  const network = `10.${200 + ((third >> 8) % 50)}.${third & 255}`;
  const here = `portald-${pid}`.slice(0, 15);
  const ip = (...words: string[]): void => void execFileSync('ip', words);
  ip('link', 'add', here, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', pid);
  ip('address', 'add', `${network}.${fourth + 1}/30`, 'dev', here);
  ip('link', 'set', here, 'up');
  execFileSync('nsenter', [
    '-t',
    pid,
    '-n',
    'ip',
    'address',
    'add',
    `${network}.${fourth + 2}/30`,
    'dev',
    'eth0',
  ]);
  execFileSync('nsenter', ['-t', pid, '-n', 'ip', 'link', 'set', 'eth0', 'up']);
  return `${network}.${fourth + 2}`;
}

function configurationOf(port: number): string {
  return `Port ${port}
ListenAddress 0.0.0.0
HostKey /etc/ssh/laboratory_key
PidFile none
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
AcceptEnv LANG LC_*
`;
}
