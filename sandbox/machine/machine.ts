// One instance's processes: a namespace of its own, started, entered and ended here. Whoever starts a machine
// owns it and ends it; if the sandbox itself is killed, the pipe to process 1 closes and the machine ends too.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { bootScript, keptCapabilities } from './boot-script.ts';

/** A running instance. */
export type Machine = {
  /** Starts `sh -c command` as the image's user, in a process group of its own. */
  spawn(command: string, environment: Record<string, string>): ChildProcessWithoutNullStreams;
  /** Ids of the volumes that are mounted, each with its mount point, as the kernel says. */
  mountedVolumes(): { volumeId: string; mountPoint: string }[];
  /** Unmounts by force, as when a volume is torn away. */
  unmountLazily(mountPoint: string): Promise<void>;
  /** Kills every process of the machine; resolves when they are gone. */
  end(): Promise<void>;
  /** Resolves when the machine has ended, however it came. */
  ended: Promise<void>;
};

/** What a machine is made of. `folder` (see root-folder.ts) and `toolbox` are absolute paths on the host. */
export type MachineSetup = { folder: string; toolbox: string; hostName: string; user: string };

/** Starts a machine. Rejects with what the boot said if it does not come up. */
export async function startMachine(setup: MachineSetup): Promise<Machine> {
  const namespace = [
    '--user',
    '--map-root-user',
    '--mount',
    '--pid',
    '--fork',
    '--uts',
    '--ipc',
    '--kill-child=KILL',
  ];
  const process1 = spawn(
    'unshare',
    [...namespace, 'sh', '-c', bootScript, 'boot', setup.toolbox, setup.hostName],
    {
      cwd: setup.folder,
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
      detached: true,
    },
  );
  process1.stdin.on('error', () => {});
  let complaint = '';
  process1.stderr.on('data', (text: Buffer) => {
    complaint = (complaint + text.toString()).slice(-2000);
  });
  const ended = once(process1, 'close').then(() => undefined);
  const ready = await Promise.race([
    once(createInterface(process1.stdout), 'line').then(() => true),
    ended.then(() => false),
  ]);
  if (!ready) throw new Error(`the instance did not boot: ${complaint.trim()}`);
  const children = await readFile(`/proc/${process1.pid}/task/${process1.pid}/children`, 'utf8');
  const pid = children.trim();
  const enter = ['-t', pid, '-U', '-m', '-p', '-u', '-i', '--preserve-credentials', '--'];
  const home = `/home/${setup.user}`;
  const basicEnvironment = {
    PATH: '/opt/sandbox/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
    HOME: home,
    USER: setup.user,
    LOGNAME: setup.user,
    SHELL: '/bin/sh',
    LANG: 'C.UTF-8',
    // Its user has id 0 there, and tar would take it for root, who gives files their owners.
    TAR_OPTIONS: '--no-same-owner',
  };
  return {
    spawn: (command, environment) =>
      spawn(
        'nsenter',
        [
          ...enter,
          'setpriv',
          `--bounding-set=${keptCapabilities}`,
          '/bin/sh',
          '-c',
          'cd; exec /bin/sh -c "$0"',
          command,
        ],
        { env: { ...environment, ...basicEnvironment }, detached: true },
      ),
    mountedVolumes: () => mountedVolumes(pid),
    unmountLazily: async (mountPoint) => {
      await once(spawn('nsenter', [...enter, 'umount', '-l', mountPoint], { stdio: 'ignore' }), 'close');
    },
    end: async () => {
      if (process1.exitCode === null && process1.signalCode === null) killProcess1(Number(pid));
      await ended;
    },
    ended,
  };
}

/**
 * The kernel ends all of a namespace before its process 1 counts as ended, and `unshare` waits for that one. Were `unshare`
 * killed, it would end at once, and the rest a moment later.
 */
function killProcess1(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended, and `unshare` is about to.
  }
}

function mountedVolumes(pid: string): { volumeId: string; mountPoint: string }[] {
  let table: string;
  try {
    table = readFileSync(`/proc/${pid}/mountinfo`, 'utf8');
  } catch {
    return []; // process 1 is gone, and its mounts with it
  }
  return table.split('\n').flatMap((line) => {
    const [, , , root = '', mountPoint = ''] = line.split(' ');
    const volumeId = /\/ebs\/(vol-[0-9a-f]+)(?:\/|$)/.exec(root)?.[1];
    return volumeId === undefined ? [] : [{ volumeId, mountPoint: decodeOctal(mountPoint) }];
  });
}

/** The mount table writes spaces and the like as three octal digits. */
function decodeOctal(path: string): string {
  return path.replace(/\\(\d{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
