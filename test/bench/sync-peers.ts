// What a save can be brought over by: our channel, and what people use else, each with the settings that make it fastest.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, watch } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createChannels } from '../../daemon/channel/channels.ts';
import type { RemoteTarget } from '../../daemon/portal/gateways.ts';
import { eventually } from '../remote/eventually.ts';
import { connectTo, silentLog } from '../remote/link-bench.ts';

export interface Scene {
  readonly folder: string;
  readonly local: string;
  readonly remote: string;
  readonly target: RemoteTarget;
}

export interface Peer {
  readonly name: string;
  start(scene: Scene): Promise<{ end(): Promise<void> }>;
}

/** Ours first; those of Debian are installed, where we may. */
export async function syncPeers(): Promise<Peer[]> {
  const packaged = [
    { program: 'lsyncd', peer: lsyncd },
    { program: 'unison', peer: unison },
  ];
  const missing = packaged.filter(({ program }) => !isInstalled(program)).map(({ program }) => program);
  if (missing.length > 0 && userInfo().uid === 0) {
    spawnSync('apt-get', ['install', '-y', '-qq', ...missing], { stdio: 'ignore' });
  }
  const there = packaged.filter(({ program }) => isInstalled(program));
  for (const { program } of packaged.filter((one) => !there.includes(one))) {
    process.stdout.write(`${program} is not measured: sudo apt-get install ${program}\n`);
  }
  return [portald, ...there.map(({ peer }) => peer), rsyncOnEvent, everySecond];
}

const portald: Peer = {
  name: '**portald**',
  async start({ folder, local, target }) {
    const link = connectTo(folder, target);
    const transport = await eventually('the transport is there', () => link.transport());
    const channels = createChannels({
      environment: process.env,
      runtimeFolder: join(folder, 'run'),
      userId: userInfo().uid,
      installsRsync: false,
      log: silentLog,
      now: Date.now,
    });
    const specification = {
      direction: 'out',
      local_path: `${local}/`,
      remote_path: '~/there/',
      recursive: true,
      delay: 0,
    } as const;
    const channel = channels.open(specification, () => {});
    channel.resume(transport);
    return {
      async end() {
        await channel.close();
        await link.close();
      },
    };
  },
};

const lsyncd: Peer = {
  name: 'lsyncd, delay 0, shared connection',
  async start(scene) {
    const master = await shareConnection(scene);
    const configuration = join(scene.folder, 'lsyncd.lua');
    await writeFile(
      configuration,
      `settings { nodaemon = true, insist = true }
sync { default.rsync, source = "${scene.local}/", target = "${destination(scene)}:${scene.remote}/", delay = 0,
  delete = false, rsync = { links = true, perms = true, times = true, rsh = "${ssh(scene).join(' ')}" } }
`,
    );
    return together(start('lsyncd', [configuration]), master);
  },
};

const unison: Peer = {
  name: 'unison -repeat 1, shared connection',
  async start(scene) {
    const master = await shareConnection(scene);
    const words = [
      '-repeat',
      '1',
      '-auto',
      '-batch',
      '-confirmbigdel=false',
      '-sshargs',
      ssh(scene).slice(1).join(' '),
    ];
    const root = `ssh://${destination(scene)}:${scene.target.port}/${scene.remote}`;
    const environment = { ...process.env, UNISON: join(scene.folder, 'unison') };
    return together(start('unison', [scene.local, root, ...words], environment), master);
  },
};

const rsyncOnEvent: Peer = {
  name: 'rsync of the tree on each event, shared connection',
  async start(scene) {
    const master = await shareConnection(scene);
    const over = new AbortController();
    let isChanged = true;
    let wake: () => void = () => {};
    const watcher = watch(scene.local, { recursive: true }, () => {
      isChanged = true;
      wake();
    });
    const running = (async () => {
      while (!over.signal.aborted) {
        if (isChanged) {
          isChanged = false;
          await rsync(scene, ssh(scene));
        } else await new Promise<void>((resolve) => (wake = resolve));
      }
    })();
    return {
      async end() {
        over.abort();
        watcher.close();
        wake();
        await running;
        await master.end();
      },
    };
  },
};

const everySecond: Peer = {
  name: 'rsync over a new connection every second',
  start(scene) {
    const over = new AbortController();
    const running = (async () => {
      while (!over.signal.aborted) {
        await rsync(scene, ssh({ ...scene, folder: '' }));
        await sleep(1000, undefined, { signal: over.signal }).catch(() => {});
      }
    })();
    return Promise.resolve({
      async end() {
        over.abort();
        await running;
      },
    });
  },
};

interface Running {
  end(): Promise<void>;
}

async function rsync(scene: Scene, shell: readonly string[]): Promise<void> {
  const words = ['-lptr', '-e', shell.join(' '), `${scene.local}/`, `${destination(scene)}:${scene.remote}/`];
  await once(spawn('rsync', words, { stdio: 'ignore' }), 'exit');
}

/** ssh without the destination; through the shared connection, if the scene has a folder for it. */
function ssh({ folder, target }: Pick<Scene, 'folder' | 'target'>): string[] {
  const settings = [
    `Port=${target.port}`,
    `IdentityFile=${target.identityFile}`,
    'IdentitiesOnly=yes',
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'LogLevel=ERROR',
    ...(folder === '' ? [] : [`ControlPath=${join(folder, 'shared')}`]),
  ];
  return ['ssh', '-F', 'none', ...settings.flatMap((setting) => ['-o', setting])];
}

function destination({ target }: Scene): string {
  return `${target.user}@${target.address}`;
}

async function shareConnection(scene: Scene): Promise<Running> {
  const master = start('ssh', [...ssh(scene).slice(1), '-M', '-N', destination(scene)]);
  await eventually('the connection is shared', () => existsSync(join(scene.folder, 'shared')));
  return master;
}

function start(program: string, words: readonly string[], environment = process.env): Running {
  const child = spawn(program, words, { env: environment, stdio: 'ignore', detached: true });
  const exited = once(child, 'exit');
  return {
    async end() {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
      await exited;
    },
  };
}

function together(...running: readonly Running[]): Running {
  return {
    async end() {
      for (const one of running) await one.end();
    },
  };
}

function isInstalled(program: string): boolean {
  return spawnSync(program, ['-version'], { stdio: 'ignore' }).error === undefined;
}
