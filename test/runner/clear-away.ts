// The end of a run that was interrupted: its tests were cut off before they could end what they had begun, so that is ended for
// them. Only what has the path of the run's folder; a run that came to its end is judged by what it left instead.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { loopDevicesIn, mountsIn, processesOf } from './left-behind.ts';

/** One that ends may have begun another just before. */
const rounds = 20;
const pauseMs = 100;

/** Kills the processes of the run in `folder`, unmounts what is mounted below it, frees loop devices, and removes it. */
export async function clearAway(folder: string): Promise<void> {
  for (let round = 0; round < rounds && processesOf(folder).length > 0; round++) {
    for (const { id } of processesOf(folder)) kill(id);
    await sleep(pauseMs);
  }
  // The innermost first.
  for (const place of mountsIn(folder).toReversed()) spawnSync('umount', ['-l', place]);
  for (const { device } of loopDevicesIn(folder)) spawnSync('losetup', ['-d', `/dev/${device}`]);
  // Below a mount nothing is to be removed.
  if (mountsIn(folder).length === 0) rmSync(folder, { recursive: true, force: true });
}

function kill(id: number): void {
  try {
    process.kill(id, 'SIGKILL');
  } catch {
    // It has ended by itself, or is another user's, and is told as left.
  }
}
