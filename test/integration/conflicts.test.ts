// Wishes that contradict each other: they are refused with a sentence, and what is open stays as it is.
import assert from 'node:assert/strict';
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { assertNothingLeft, portalUser } from '../fixture/portal-user.ts';
import { type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';

let fixture: ProgramsFixture;
before(async () => {
  fixture = await startProgramsFixture('portald-conflicts-');
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
