// A machine with a systemd of its own, in namespaces of this one. Ends with its test, and leaves nothing.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../fixture/eventually.ts';
import { type Program, programPath } from '../fixture/programs.ts';
import { bootScript } from './boot-script.ts';

export interface Machine extends AsyncDisposable {
  /** Runs a command on the machine, as its root. */
  run(...words: readonly string[]): { code: number | null; stdout: string; stderr: string };
  /** One property of a unit. */
  show(unit: string, property: string): string;
  log(): string;
}

const repository = join(import.meta.dirname, '../..');
const systemd = '/usr/lib/systemd/systemd';

/** Where a machine has one of our programs, if it sees the repository at `at`. */
export function programOnMachine(program: Program, at = '/mnt'): string {
  return join(at, relative(repository, programPath(program)));
}

/** Why there can be no such machine here; false if there can. */
export function noMachine(): string | false {
  if (process.platform !== 'linux') return 'only on Linux';
  if (process.getuid?.() !== 0) return 'needs root';
  if (!existsSync(systemd)) return 'there is no systemd here';
  if (controlGroups() === undefined) return 'there are no unified control groups here';
  return false;
}

/** Where control groups of version 2 are mounted. */
function controlGroups(): string | undefined {
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
  return mounts.find((line) => line.split(' ')[2] === 'cgroup2')?.split(' ')[1];
}

export async function startMachine(): Promise<Machine> {
  const group = join(controlGroups() ?? '', `portald-test-${process.pid}`);
  mkdirSync(group);
  // With the group of its own everything on the machine ends, also what has left the namespaces' first process.
  const words = ['--kill-child', '--pid', '--fork', '--mount', '--uts', '--ipc', '--cgroup', '--mount-proc'];
  const enter = `echo $$ > "$0/cgroup.procs"; exec unshare ${words.join(' ')} sh -c "$1" sh "$2" "$3"`;
  const outer = spawn('sh', ['-c', enter, group, bootScript, repository, programOnMachine('daemon')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [outer.stdout, outer.stderr])
    stream.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const inside = (...command: readonly string[]) => {
    const first = spawnSync('pgrep', ['-P', String(outer.pid)], { encoding: 'utf8' }).stdout.trim();
    const { status, stdout, stderr } = spawnSync(
      'nsenter',
      ['-t', first, '-m', '-p', '-u', '-i', '-C', ...command],
      { encoding: 'utf8', timeout: 60_000 },
    );
    return { code: status, stdout, stderr };
  };
  const machine: Machine = {
    run: inside,
    show: (unit, property) => inside('systemctl', 'show', '--value', '-p', property, unit).stdout.trim(),
    log: () => `${said}${inside('cat', '/run/portald.log').stdout}`,
    async [Symbol.asyncDispose]() {
      await end(outer, group);
    },
  };
  try {
    await eventually('its systemd runs', () =>
      inside('systemctl', 'is-system-running').stdout.trim() === 'running' ? true : undefined,
    );
  } catch (error) {
    await machine[Symbol.asyncDispose]();
    throw new Error(`no machine: ${said}`, { cause: error });
  }
  return machine;
}

async function end(outer: ChildProcess, group: string): Promise<void> {
  const exited = outer.exitCode === null && outer.signalCode === null ? once(outer, 'exit') : undefined;
  writeFileSync(join(group, 'cgroup.kill'), '1');
  await exited;
  for (let tries = 0; ; tries++) {
    try {
      removeGroup(group);
      return;
    } catch (error) {
      if (tries > 100) throw error;
      await sleep(50);
    }
  }
}

function removeGroup(group: string): void {
  for (const entry of readdirSync(group, { withFileTypes: true }))
    if (entry.isDirectory()) removeGroup(join(group, entry.name));
  rmdirSync(group);
}
