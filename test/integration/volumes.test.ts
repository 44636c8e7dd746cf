// Volumes by portalctl, with the real three programs: blank, in use by an open portal, copied, and gone at the end.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { MethodResults } from '../../protocol/methods.ts';
import type { StoredVolumeView } from '../../protocol/stored-view.ts';
import { eventually } from '../fixture/eventually.ts';
import { assertNothingLeft, portalUser } from '../fixture/portal-user.ts';
import { type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';

let fixture: ProgramsFixture;
before(async () => {
  fixture = await startProgramsFixture('portald-volume-life-', {
    delays: { createVolume: 50, modifyVolume: 50, snapshot: 100 },
  });
  await fixture.startPortald();
  fixture.specify('gpu', (example) => ({
    ...example,
    channels: [],
  }));
});
after(() => fixture?.end());

const given = 'vol-0123456789abcdef0';

async function done<M extends keyof MethodResults>(
  _method: M,
  ...words: string[]
): Promise<MethodResults[M]> {
  const { code, stdout, stderr } = await fixture.portalctl(['volume', ...words, '--json']);
  assert.equal(code, 0, `portalctl volume ${words.join(' ')}: ${stdout}${stderr}`);
  return JSON.parse(stdout) as MethodResults[M];
}

async function refused(...words: string[]): Promise<{ message: string; hint: string; code: number | null }> {
  const { code, stdout } = await fixture.portalctl(['volume', ...words, '--json']);
  assert.notEqual(code, 0, `portalctl volume ${words.join(' ')}: ${stdout}`);
  return { code, ...(JSON.parse(stdout) as { error: { message: string; hint: string } }).error };
}

async function listed(id: string): Promise<StoredVolumeView | undefined> {
  return (await done('volume.list', 'list', '--all')).volumes.find((one) => one.id === id);
}

/** Bytes of the ext4 on the volume's device, as its superblock says. */
async function fileSystemBytes(address: string): Promise<number> {
  const told = await fixture.onInstance(address, '/usr/sbin/dumpe2fs -h /dev/nvme1n1 2>/dev/null');
  const numberOf = (name: string): number =>
    Number(new RegExp(`^${name}: +(\\d+)`, 'm').exec(told.stdout)?.[1]);
  return numberOf('Block count') * numberOf('Block size');
}

test('a volume from its creation to its end, with nothing left to be billed', async () => {
  const { volume } = await done(
    'volume.create',
    'create',
    '--size',
    '2',
    '--zone',
    'eu-central-1b',
    '--name',
    'data',
  );
  assert.deepEqual((await done('volume.list', 'list')).volumes, [await listed(volume.id)]);
  assert.match(volume.tags['portald:created-by'] ?? '', /.@./);
  const orphans = await fixture.portalctl(['orphans', '--json']);
  assert.deepEqual(JSON.parse(orphans.stdout), { orphans: [] }, 'what a user had made is no orphan');

  await done('volume.update', 'update', volume.id, '--name', 'more', '--size', '3', '--tag', 'team=ml');
  const { snapshot } = await done('volume.snapshot', 'snapshot', volume.id);
  assert.deepEqual([snapshot.name, snapshot.sizeGiB, snapshot.percent], ['more', 3, 100]);
  const restored = (await done('volume.create', 'restore', snapshot.id, '--zone', 'eu-central-1a')).volume;
  assert.deepEqual([restored.name, restored.zone], ['more', 'eu-central-1a']);

  const both = [volume.id, restored.id];
  assert.match((await refused('delete', ...both, 'vol-00000000', '--yes')).message, /vol-00000000 is not in/);
  await done('volume.delete', 'delete', ...both, snapshot.id, '--yes');
  await assertNothingLeft(fixture);
});

test('a volume that an open portal uses: guarded, grown with its file system, copied after a flush', async () => {
  const user = portalUser(fixture, 'gpu');
  const { instance } = await user.open();
  const address = instance?.address ?? '';
  assert.match((await refused('update', given, '--size', '10')).message, /was not created by this portald/);
  for (const force of [[], ['--force']]) {
    const { message, hint } = await refused('delete', given, '--yes', ...force);
    assert.match(message, new RegExp(`attached to ${instance?.id} of portal gpu; nothing was deleted`));
    assert.match(hint, /portalctl close gpu/);
  }

  // While nobody can log in, AWS's part is done and the rest is told.
  await fixture.control.post('network', { instanceId: instance?.id, mode: 'refuse' });
  await eventually('the connection is lost', async () => {
    const { history } = await fixture.ask('portal.explain', { name: 'gpu' });
    return history.some((one) => /^connection to .* lost/.test(one.text)) || undefined;
  });
  const left = await refused('update', given, '--size', '10', '--force');
  assert.match(left.message, /has 10 GiB, but its file system on portal gpu has not grown/);
  assert.match(left.hint, /repeat it: portalctl volume update vol-0123456789abcdef0 --size 10 --force/);
  const unflushed = await done('volume.snapshot', 'snapshot', given, '--no-wait');
  assert.ok(unflushed.notFlushed !== undefined, 'it is told that nothing was flushed');
  assert.equal(await listed(given).then((one) => one?.sizeGiB), 10);

  await fixture.control.post('network', { instanceId: instance?.id, mode: 'ok' });
  const before = await fileSystemBytes(address);
  const grown = await eventually('the file system grows when it is repeated', async () => {
    const { code, stdout } = await fixture.portalctl([
      'volume',
      'update',
      given,
      '--size',
      '10',
      '--force',
      '--json',
    ]);
    return code === 0 ? (JSON.parse(stdout) as MethodResults['volume.update']) : undefined;
  });
  assert.deepEqual(
    [before, await fileSystemBytes(address), grown.isModified, grown.grown],
    [8 * 2 ** 30, 10 * 2 ** 30, false, { portal: 'gpu', fileSystem: 'ext4' }],
  );

  const { snapshot, flushed } = await done('volume.snapshot', 'snapshot', given);
  assert.equal(flushed, 'gpu');
  await user.close();
  await done('volume.delete', 'delete', snapshot.id, unflushed.snapshot.id, '--yes');
  await assertNothingLeft(fixture);
});
