// Wishes that contradict each other: they are refused with a sentence, and what is open stays as it is.
import assert from 'node:assert/strict';
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { assertNothingLeft, portalUser } from '../fixture/portal-user.ts';
import { type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';

let fixture: ProgramsFixture;
before(async () => {
  fixture = await startProgramsFixture('portald-conflicts-', {
    volumes: [
      { volumeId: 'vol-0123456789abcdef0', zone: 'eu-central-1a', formatted: 'ext4' },
      { volumeId: 'vol-0fedcba9876543210', zone: 'eu-central-1a', formatted: 'ext4' },
    ],
  });
  await fixture.startPortald();
});
after(() => fixture?.end());

test('a second portal, an edited file, a file of the same name', async () => {
  fixture.specify('first');
  fixture.specify('second');
  const user = portalUser(fixture, 'first');
  const opened = await user.open();

  const shared = await fixture.portalctl(['open', 'second']);
  assert.equal(shared.code, 1);
  assert.match(shared.stderr, /volume vol-0123456789abcdef0 is used by portal first\nhint: close that first/);
  assert.equal((await fixture.portalctl(['status', 'second'])).code, 4);

  fixture.specify('first', (example) => ({ ...example, host_key: 'console' }));
  const edited = await fixture.portalctl(['open', 'first']);
  assert.equal(edited.code, 0);
  assert.match(edited.stderr, /first\.json says something else now .* not applied/);

  mkdirSync(join(fixture.project, 'other'));
  renameSync(join(fixture.project, 'first.json'), join(fixture.project, 'other', 'first.json'));
  for (const command of ['open', 'close']) {
    const told = await fixture.portalctl([command, './other/first.json']);
    assert.equal(told.code, 1, told.stdout);
    assert.match(told.stderr, /portal first (is open|was opened) from .*project\/first\.json/);
  }
  assert.equal((await user.view()).instance?.id, opened.instance?.id, 'it is the same instance');

  const closed = await fixture.portalctl(['close', './first.json']);
  assert.equal(closed.code, 0, closed.stderr);
  await assertNothingLeft(fixture);
});

/** Asks for both at once; both have the same answer from EC2 to wait for. */
async function openBoth(
  one: string,
  other: string,
): Promise<{ opened: string; refused: string; told: string }> {
  const both = await Promise.all(
    [one, other].map(async (name) => ({ name, ...(await fixture.portalctl(['open', name])) })),
  );
  const [opened, ...more] = both.filter((each) => each.code === 0);
  const [refused] = both.filter((each) => each.code !== 0);
  assert.ok(opened !== undefined && refused !== undefined && more.length === 0, JSON.stringify(both));
  return { opened: opened.name, refused: refused.name, told: refused.stdout + refused.stderr };
}

test('of two that are opened at once with one volume, one is refused before anything is launched for it', async () => {
  for (const name of ['one', 'other']) fixture.specify(name, (example) => ({ ...example, channels: [] }));
  const { opened, refused, told } = await openBoth('one', 'other');
  assert.match(told, new RegExp(`volume vol-0123456789abcdef0 is used by portal ${opened}`));
  const machines = await fixture.control.instances();
  assert.equal(machines.filter((each) => each.state !== 'terminated').length, 1);
  assert.equal((await fixture.portalctl(['status', refused])).code, 4);
  const deleted = await fixture.portalctl(['volume', 'delete', 'vol-0123456789abcdef0', '--yes']);
  assert.notEqual(deleted.code, 0);
  await portalUser(fixture, opened).close();
});

test('of two that are opened at once and would delete what the other fetches, one is refused', async () => {
  const folder = join(fixture.project, 'shared');
  mkdirSync(folder);
  const fetching = {
    direction: 'in',
    local_path: `${folder}/`,
    remote_path: '/home/ubuntu/workspace/results/',
    recursive: true,
    delete: true,
  } as const;
  const volumeIds: Readonly<Record<string, string>> = {
    one: 'vol-0123456789abcdef0',
    other: 'vol-0fedcba9876543210',
  };
  const specify = (name: string, channels: readonly object[]): void => {
    const volume = {
      volume_id: volumeIds[name],

      device: '/dev/xvdf',
      mount_point: '/home/ubuntu/workspace',
    };
    fixture.specify(name, (example) => ({ ...example, persistent_volumes: [volume], channels }));
  };
  for (const name of ['one', 'other']) specify(name, [fetching]);
  const { opened, refused, told } = await openBoth('one', 'other');
  assert.match(told, new RegExp(`channels\\[0\\] of portal ${opened}`));

  // A reload is held to the same.
  specify(refused, []);
  assert.equal((await fixture.portalctl(['open', refused])).code, 0);
  specify(refused, [fetching]);
  const reloaded = await fixture.portalctl(['reload', refused]);
  assert.equal(reloaded.code, 2);
  assert.match(reloaded.stderr, new RegExp(`of portal ${opened}`));
  await portalUser(fixture, opened).close();
  await portalUser(fixture, refused).close();
  await assertNothingLeft(fixture);
});
