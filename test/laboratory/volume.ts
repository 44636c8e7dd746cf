// A volume of the laboratory: an image file, and while it is attached somewhere a loop device on it. The device lives as
// long as a small process that holds it open, and that process as long as a pipe of ours: nothing is left, however a test
// ends.
import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { eventually } from '../fixture/eventually.ts';

// Detaching what is open takes effect when the last one lets it go.
const script = `device=$(losetup -f --show -- "$1") || exit 1
exec 3<"$device"
losetup -d "$device"
echo "$device"
exec cat >/dev/null
`;

export interface LoopDevice {
  /** Its path on this machine. */
  readonly path: string;
  readonly major: number;
  readonly minor: number;
  /** Resolves once the image has no loop device any more. */
  end(): Promise<void>;
}

/** Makes `image` a block device. Rejects when there is none to be had. */
export async function openLoopDevice(image: string): Promise<LoopDevice> {
  const holder: ChildProcessByStdio<Writable, Readable, null> = spawn('sh', ['-c', script, 'holder', image], {
    detached: true,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = once(holder, 'exit');
  const answer = await Promise.race([once(holder.stdout, 'data'), ended.then(() => undefined)]);
  if (answer === undefined) throw new Error(`no loop device for ${image}`);
  const path = String(answer[0]).trim();
  const { rdev } = statSync(path);
  return {
    path,
    major: Math.floor(rdev / 256) % 4096,
    minor: (rdev % 256) + Math.floor(rdev / 1048576) * 256,
    async end() {
      holder.stdin.end();
      await ended;
      await eventually('the loop device is gone', () => loopDevicesOn(image).length === 0);
    },
  };
}

/** Loop devices of files whose path begins so. */
export function loopDevicesOn(prefix: string): string[] {
  return execFileSync('losetup', ['-nO', 'NAME,BACK-FILE'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.split(/\s+/)[1]?.startsWith(prefix));
}
