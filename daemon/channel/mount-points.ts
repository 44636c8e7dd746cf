// Where file systems are mounted in a folder. Nobody tells that this changes: the table is read again.
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The mount points below `folder`, with what is mounted there, as one text; empty where there is no table (macOS). */
export async function mountPointsIn(folder: string): Promise<string> {
  const table = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  return mountPoints(table, folder);
}

/**
 * `table` as proc_pid_mountinfo(5) has it: number, its parent's, device, root in that file system, mount point, …; blanks
 * and the like in paths are octal. Exported for its tests.
 */
export function mountPoints(table: string, folder: string): string {
  const inner = folder.endsWith('/') ? folder : `${folder}/`;
  return table
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , , , point = '']) => plain(point) !== inner && plain(point).startsWith(inner))
    .map(([number, , , , point]) => `${number} ${point}`)
    .join('\n');
}

/**
 * Tells on which file system a path lies, which has no links on its way: its device as the kernel writes it for a watch
 * (proc_pid_fdinfo(5)), in hexadecimal. What `stat` tells is another one on some file systems (btrfs, overlay).
 * Exported for its tests.
 */
export function devicesOf(table: string): (path: string) => string | undefined {
  const devices = new Map<string, string>();
  for (const line of table.split('\n')) {
    const [, , device = '', , point = ''] = line.split(' ');
    const [major = Number.NaN, minor = Number.NaN] = device.split(':').map(Number);
    // A later one hides what was mounted there before. The kernel keeps 20 bits of the minor number (kdev_t.h).
    if (Number.isSafeInteger(major + minor))
      devices.set(plain(point), (major * 2 ** 20 + minor).toString(16));
  }
  return (path) => {
    for (let folder = path; ; folder = dirname(folder)) {
      const device = devices.get(folder);
      if (device !== undefined || folder === dirname(folder)) return device;
    }
  };
}

/** The same of the table as it is now; undefined where there is none (macOS). */
export async function devicesNow(): Promise<((path: string) => string | undefined) | undefined> {
  const table = await readFile('/proc/self/mountinfo', 'utf8').catch(() => undefined);
  return table === undefined ? undefined : devicesOf(table);
}

function plain(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
