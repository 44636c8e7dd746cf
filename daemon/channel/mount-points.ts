// Where file systems are mounted in a folder. Nobody tells that this changes: the table is read again.
import { readFile } from 'node:fs/promises';

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

function plain(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
