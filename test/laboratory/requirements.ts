// Whether this machine can be a laboratory.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

const programs =
  'sshd sudo ip losetup blkid wipefs lsblk findmnt mkfs.ext4 e2fsck debugfs fuser unshare nsenter';

// What a container may be forbidden, or a kernel lack: namespaces, an overlay on the root, interfaces, loop devices.
const attempt = `
for program in $2; do command -v $program >/dev/null || { echo "$program is not installed"; exit; }; done
unshare --net --mount --pid --fork sh -c '
  mount -t tmpfs laboratory "$1" && mkdir "$1/upper" "$1/work" "$1/root" &&
  mount -t overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" laboratory "$1/root" &&
  mount -t sysfs sysfs "$1/root/sys" && ip link add here type veth peer name there' sh "$1" >/dev/null 2>&1 ||
  { echo "this machine allows no such namespaces"; exit; }
truncate -s 1M "$1/image"
device=$(losetup -f --show "$1/image" 2>/dev/null) || { echo "this machine allows no loop devices"; exit; }
losetup -d "$device"
`;

/** Why tests of the laboratory are to be skipped here, as node:test takes it; false if they can run. */
export function skippedBecause(...furtherPrograms: string[]): string | false {
  if (process.platform !== 'linux') return 'the laboratory is made of Linux namespaces';
  if (userInfo().uid !== 0) return "only root can make the laboratory's namespaces and loop devices";
  const folder = mkdtempSync(join(tmpdir(), 'portald-laboratory-'));
  try {
    const { stdout } = spawnSync(
      'sh',
      ['-c', attempt, 'sh', folder, [programs, ...furtherPrograms].join(' ')],
      {
        encoding: 'utf8',
        env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
      },
    );
    return stdout.trim() === '' ? false : `no laboratory: ${stdout.trim()}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
