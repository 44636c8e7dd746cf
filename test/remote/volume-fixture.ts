// Volumes on the test's instance: image files (or loop devices on them, where this machine allows those), with stand-ins
// for the programs that would ask the hardware.
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join, relative } from 'node:path';
import type { VolumeSpecification } from '../../protocol/specification/schema.ts';

export const volume: VolumeSpecification = {
  volume_id: 'vol-0123456789abcdef0',
  device: '/dev/xvdf',
  mount_point: '/nowhere',
};

const sudo = `#!/bin/sh
while [ "$1" = -n ] || [ "$1" = -- ]; do shift; done
exec "$@"
`;

/** Tells the serials in ~/devices (lines of device and serial); a path that is not listed is no block device. */
const lsblk = `#!/bin/sh
case "$*" in
  '-dnro NAME,SERIAL') exec cat "$HOME/devices" ;;
  '-dno SERIAL '*) grep -F -- "\${3#/dev/} " "$HOME/devices" | cut -d ' ' -f 2 ;;
  '-dno NAME '*) grep -F -- "\${3#/dev/} " "$HOME/devices" | cut -d ' ' -f 1; grep -qF -- "\${3#/dev/} " "$HOME/devices" ;;
  '-nro NAME '*) echo disk; [ ! -e "$HOME/has-children" ] || echo part ;;
  *) echo "lsblk: unexpected: $*" >&2; exit 1 ;;
esac
`;

const blockdev = `#!/bin/sh
[ "$1" = --getsize64 ] || exit 1
if [ -b "$2" ]; then exec /sbin/blockdev "$@"; fi
exec stat -L -c %s "$2"
`;

/** Programs of the instance. */
export const volumePrograms: Readonly<Record<string, string>> = { sudo, lsblk, blockdev };

/** A line of ~/devices that shows `path` as the volume. */
export function deviceLine(path: string, serial = volume.volume_id.replace('-', '')): string {
  return `${relative('/dev', path)} ${serial}\n`;
}

/** Makes an image of `mebibytes` that holds nothing. */
export function makeBlank(path: string, mebibytes: number): void {
  execFileSync('truncate', ['-s', '0', path]);
  execFileSync('truncate', ['-s', `${mebibytes}M`, path]);
}

/** Writes `bytes` at `position`. */
export function writeAt(path: string, position: number, bytes: Buffer): void {
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, bytes.length, position);
  closeSync(file);
}

export function makeFileSystem(path: string, ...words: string[]): void {
  execFileSync('/sbin/mkfs.ext4', ['-q', '-F', ...words, path]);
}

/** A loop device on `path`, or undefined where none can be had. */
export function attachLoop(path: string): string | undefined {
  const { status, stdout } = spawnSync('/sbin/losetup', ['-f', '--show', path], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

export function detachLoop(device: string): void {
  execFileSync('/sbin/losetup', ['-d', device]);
}

/** Whether this user may mount loop devices on this machine. */
export function canMount(): boolean {
  if (userInfo().uid !== 0) return false;
  const folder = mkdtempSync(join(tmpdir(), 'portald-test-'));
  try {
    makeBlank(join(folder, 'image'), 4);
    const device = attachLoop(join(folder, 'image'));
    if (device === undefined) return false;
    detachLoop(device);
    return true;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
