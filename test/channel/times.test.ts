// Times of links and folders, also of what is sent by its name.
import assert from 'node:assert/strict';
import { lstat, lutimes, mkdir, rename, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { eventually } from '../fixture/eventually.ts';
import { type ChannelFixture, patient, startChannelFixture } from './channel-fixture.ts';

/** Opens a channel between the two folders; resolves once it has synchronised. */
async function follow(fixture: ChannelFixture, direction: 'in' | 'out'): Promise<void> {
  const folders = { local_path: './', remote_path: '~/there/' };
  const channel = fixture.open({ direction, ...folders, recursive: true, delay: 0.05 });
  channel.resume(await fixture.transport());
  await channel.synchronise(patient);
}

suite('4 at once', { concurrency: 4 }, () => {
  for (const direction of ['out', 'in'] as const)
    test(`${direction}: links and folders have their times, to the nanosecond, without a pass`, async () => {
      await using fixture = await startChannelFixture();
      const { local, remote } = fixture;
      const [from, to] = direction === 'out' ? [local, remote] : [remote, local];
      await mkdir(join(from, 'sub'));
      await mkdir(join(from, 'old'));
      await follow(fixture, direction);
      const timesIn = async (root: string): Promise<Record<string, bigint>> => {
        const names = ['.', 'sub', 'sub/file', 'link', 'sub/link', 'sub/renamed'];
        const found = names.map(async (name): Promise<[string, bigint]> => {
          const stats = await lstat(join(root, name), { bigint: true }).catch(() => ({ mtimeNs: 0n }));
          return [name, stats.mtimeNs];
        });
        return Object.fromEntries(await Promise.all(found));
      };
      const arrives = async (what: string): Promise<void> => {
        let [here, there]: Record<string, bigint>[] = [];
        const isSame = async (): Promise<boolean> => {
          [here, there] = await Promise.all([timesIn(from), timesIn(to)]);
          return (
            JSON.stringify(Object.values(here).map(String)) ===
            JSON.stringify(Object.values(there).map(String))
          );
        };
        await eventually(what, isSame).catch(() => assert.deepEqual(there, here, what));
      };
      await writeFile(join(from, 'sub/file'), 'x');
      await arrives('a file in a folder');
      await symlink('nowhere', join(from, 'link'));
      await arrives('a link in the source itself');
      await symlink('file', join(from, 'sub/link'));
      await arrives('a link in a folder');
      await lutimes(join(from, 'link'), 1e9, 1e9);
      await arrives('a link that was touched');
      await rename(join(from, 'sub/file'), join(from, 'sub/renamed'));
      await writeFile(join(from, 'sub/file'), 'y');
      await arrives('a file that was renamed, and one in its place');
    });

  test('out: time and mode of the source itself', async () => {
    await using fixture = await startChannelFixture();
    await follow(fixture, 'out');
    await utimes(fixture.local, 1e9, 1e9);
    await eventually('it has its time', async () => (await lstat(fixture.remote)).mtimeMs === 1e12);
  });
});
