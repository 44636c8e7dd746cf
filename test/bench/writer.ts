// The user's work: a program on each instance that writes to the volume whenever it can. What it tells is the measure:
// between the last write before a move and the first after it, nobody could write.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { mountPoint } from './region.ts';

/** Times of the machine's one clock, milliseconds. */
export interface WriteAgain {
  /** The last write before, on whatever instance; 0 for none. */
  readonly last: number;
  /** The first write after. */
  readonly first: number;
}

/** It exists on the volume only: with the volume elsewhere, the mount point is an empty folder. */
export const writtenFile = `${mountPoint}/.written`;

// The time of the last write is kept in the file itself, so it goes with the volume. The file is open for an instant only:
// a program that kept it open would hold up the unmounting, which is another story.
const program = `
import os, sys, time
blocked = True
while True:
    try:
        file = os.open(sys.argv[1], os.O_RDWR)
        try:
            before = os.pread(file, 32, 0)
            now = time.time_ns() // 1000000
            os.pwrite(file, b"%d" % now, 0)
        finally:
            os.close(file)
        if blocked:
            print(int(before or b"0"), now, flush=True)
        blocked = False
    except OSError:
        blocked = True
    time.sleep(0.02)
`;

/** Starts the program by `ssh` (program and words); `again` is told whenever it can write after it could not. */
export function startWriter(ssh: readonly string[], again: (told: WriteAgain) => void): ChildProcess {
  const [command = '', ...words] = ssh;
  const child = spawn(command, [...words, `exec /usr/bin/python3 -ISu - ${writtenFile}`], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(program);
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [last, first] = line.split(' ').map(Number);
    if (last !== undefined && first !== undefined) again({ last, first });
  });
  return child;
}
