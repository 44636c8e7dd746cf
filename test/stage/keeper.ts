// Ends what a stage has started, whatever ends the stage: a shell whose standard input is a pipe of ours. When the
// pipe closes (in order, by a crash, by SIGKILL) it ends the processes noted in the folder and removes the folder.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const script = `
cat >/dev/null
cd /
[ -e "$1/pids" ] && pids=$(sed '1!G;h;$!d' "$1/pids")
for pid in $pids; do
  kill -TERM "$pid" 2>/dev/null
  tries=0
  while kill -0 "$pid" 2>/dev/null && [ $tries -lt 150 ]; do sleep 0.1; tries=$((tries + 1)); done
  kill -KILL "$pid" 2>/dev/null
done
rm -rf "$1"
`;

export interface Keeper {
  /** Notes a process to be ended with the stage, until it ends by itself; the last noted is ended first. */
  keep(child: ChildProcess): void;
  /** Ends everything; resolves when nothing of it is left. */
  end(): Promise<void>;
  /** Whether `end` was called. */
  isEnding(): boolean;
}

export function startKeeper(folder: string): Keeper {
  // Of its own session, so that Ctrl-C does not end the one that is to clean up.
  const shell = spawn('sh', ['-c', script, 'keeper', folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const ended = once(shell, 'exit');
  const kept = new Set<number>();
  let ending = false;
  // Only what lives stands in the file: the system uses the ids of the dead again, for processes of others.
  const note = (): void => {
    const written = join(folder, 'pids.new');
    writeFileSync(written, [...kept].map((pid) => `${pid}\n`).join(''));
    renameSync(written, join(folder, 'pids'));
  };
  return {
    keep(child) {
      const { pid } = child;
      if (pid === undefined) return;
      kept.add(pid);
      note();
      child.once('exit', () => {
        kept.delete(pid);
        if (!ending) note();
      });
    },
    async end() {
      ending = true;
      shell.stdin.end();
      await ended;
    },
    isEnding: () => ending,
  };
}
