// What a killed run may have left behind although its keeper was killed too: found by the folder's name and removed.
import { lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** How the folders of the demos of `owner` (a process id) begin: whose a folder is shows from the moment it is there. */
export function folderPrefix(owner: number): string {
  return `portald-demo-${owner}-`;
}

/** Ends the processes and removes the folders of this user's earlier runs in `parent` whose own process is gone. */
export function clearLeftovers(parent: string): void {
  for (const name of readdirSync(parent)) {
    const owner = Number(/^portald-demo-(\d+)-/.exec(name)?.[1]);
    const folder = join(parent, name);
    if (!(owner > 0) || lives(owner) || !isOurs(folder)) continue;
    for (const pid of read(join(folder, 'pids')).split('\n').map(Number)) {
      // Process ids are used again: only one whose environment names this very folder is ours to end.
      if (pid > 0 && read(`/proc/${pid}/environ`).includes(folder))
        attempt(() => process.kill(pid, 'SIGKILL'));
    }
    // What cannot be removed is no reason not to play: the new run has a folder of its own.
    attempt(() => rmSync(folder, { recursive: true, force: true }));
  }
}

/** Whether a demo with this process id runs. Ours has no folder yet, so what bears our id is of an earlier process. */
function lives(pid: number): boolean {
  if (pid === process.pid || !attempt(() => process.kill(pid, 0))) return false;
  return process.platform !== 'linux' || read(`/proc/${pid}/cmdline`).includes('demo.ts');
}

/** A folder of this user; what others leave in a shared `/tmp` is not ours to touch, nor is what a link points to. */
function isOurs(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === process.getuid?.();
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Whether `work` could be done. */
function attempt(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}
