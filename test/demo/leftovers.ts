// What a killed run may have left behind although its keeper was killed too: found by the folder's name and removed.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Ends the processes and removes the folders of earlier runs whose own process is gone. */
export function clearLeftovers(prefix: string): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const folder = join(tmpdir(), name);
    const owner = Number(read(join(folder, 'owner')));
    if (owner > 0 && commandLine(owner).includes('demo')) continue;
    for (const pid of read(join(folder, 'pids')).split('\n').map(Number)) {
      // Process ids are used again: only one whose environment names this very folder is ours to end.
      if (pid > 0 && read(`/proc/${pid}/environ`).includes(folder)) process.kill(pid, 'SIGKILL');
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

function commandLine(pid: number): string {
  return read(`/proc/${pid}/cmdline`);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
