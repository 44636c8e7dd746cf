// File systems that come and go below a folder that is watched.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../fixture/eventually.ts';
import { type ChannelFixture, patient } from './channel-fixture.ts';

/** Whether a test may mount. */
export function canMount(): boolean {
  return spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
}

/** Mounts an empty file system, in memory, on `folder`, does `work`, and unmounts it. */
export async function whileMounted(folder: string, work: () => Promise<void>): Promise<void> {
  assert.equal(spawnSync('mount', ['-t', 'tmpfs', 'portald-test', folder]).status, 0);
  try {
    await work();
  } finally {
    spawnSync('umount', ['-l', folder]);
  }
}

/** Fetches what is saved in a folder on the instance: before, while and after a file system is mounted on it. */
export async function fetchAroundAMount(fixture: ChannelFixture): Promise<void> {
  const disk = join(fixture.remote, 'a b/disk');
  mkdirSync(disk, { recursive: true });
  const channel = fixture.open({
    direction: 'in',
    local_path: './',
    remote_path: `${fixture.remote}/`,
    recursive: true,
    delay: 0,
  });
  channel.resume(await fixture.transport());
  await channel.synchronise(patient);
  const arrived = join(fixture.local, 'a b/disk/file');
  let saves = 0;
  const arrives = async (): Promise<void> => {
    for (let save = 0; save < 2; save++) {
      const text = `save ${++saves}`;
      writeFileSync(join(disk, 'file'), text);
      await eventually(
        `${text} arrives`,
        () => existsSync(arrived) && readFileSync(arrived, 'utf8') === text,
      );
    }
  };
  await arrives();
  await whileMounted(disk, arrives);
  await arrives();
}
