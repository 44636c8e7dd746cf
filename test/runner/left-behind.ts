// What a run of tests left on the machine. Everything of a run has the path of its folder somewhere: as its own, in its
// command line or in its environment. (Without /proc only files are seen.)
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processesThat } from '../fixture/processes.ts';

/** Processes, mounts and loop devices of the run in `folder`, and what is in it; each told in a few words. */
export function leftBehind(folder: string): string[] {
  return [
    ...processesOf(folder).map(({ id, command }) => `process ${id}: ${command.slice(0, 200)}`),
    ...mountsIn(folder).map((place) => `mount ${place}`),
    ...loopDevicesIn(folder).map(({ device, backing }) => `loop device ${device} of ${backing}`),
    ...namesIn(folder),
  ];
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

/** Other processes than this one that have the path in their command or environment. */
export function processesOf(folder: string): { readonly id: number; readonly command: string }[] {
  return processesThat(
    ({ id, command, environment }) =>
      id !== process.pid && (command.includes(folder) || environment().includes(folder)),
  );
}

/** Mount points in or of the folder, in the order in which they were mounted. */
export function mountsIn(folder: string): string[] {
  return text('/proc/self/mountinfo')
    .split('\n')
    .filter((line) => line.includes(folder))
    .map((line) => unescaped(line.split(' ')[4] ?? ''));
}

/** The mount table writes blanks and the like as three octal digits. */
function unescaped(path: string): string {
  return path.replaceAll(/\\(\d{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

export function loopDevicesIn(folder: string): { readonly device: string; readonly backing: string }[] {
  return entries('/sys/block').flatMap((device) => {
    const backing = text(`/sys/block/${device}/loop/backing_file`).trim();
    return backing.includes(folder) ? [{ device, backing }] : [];
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
