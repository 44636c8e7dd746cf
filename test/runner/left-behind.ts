// What a run of tests left on the machine. Everything of a run has the path of its folder somewhere: as its own, in its
// command line or in its environment. (Without /proc only files are seen.)
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processesThat } from '../fixture/processes.ts';

/** Processes, mounts and loop devices of the run in `folder`, and what is in it; each told in a few words. */
export function leftBehind(folder: string): string[] {
  return [...processesOf(folder), ...mountsIn(folder), ...loopDevicesIn(folder), ...namesIn(folder)];
}

/** What in the folders of temporary files may come from tests, apart from the folders of runs. */
export function strayFiles(): string[] {
  return [tmpdir(), '/var/tmp'].flatMap((folder) => {
    const names = entries(folder).filter(
      (name) => /portal|sandbox/.test(name) && !name.startsWith(runPrefix),
    );
    return names.map((name) => `file ${join(folder, name)}`);
  });
}

/** The folder of a run is named so. */
export const runPrefix = 'portald-run-';

function processesOf(folder: string): string[] {
  const found = processesThat(
    ({ id, command, environment }) =>
      id !== process.pid && (command.includes(folder) || environment().includes(folder)),
  );
  return found.map(({ id, command }) => `process ${id}: ${command.slice(0, 200)}`);
}

function mountsIn(folder: string): string[] {
  const lines = text('/proc/self/mountinfo').split('\n');
  return lines.filter((line) => line.includes(folder)).map((line) => `mount ${line.split(' ')[4]}`);
}

function loopDevicesIn(folder: string): string[] {
  return entries('/sys/block').flatMap((name) => {
    const backing = text(`/sys/block/${name}/loop/backing_file`).trim();
    return backing.includes(folder) ? [`loop device ${name} of ${backing}`] : [];
  });
}

function namesIn(folder: string): string[] {
  return entries(folder).map((name) => `file ${join(folder, name)}`);
}

/** Empty where it cannot be read: a process may end meanwhile. */
function text(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function entries(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
