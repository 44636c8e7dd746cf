// An image whose root volume would outlive its instance: after an interruption and a close nothing of it is billed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '../fixture/eventually.ts';
import { assertNothingLeft, portalUser } from '../fixture/portal-user.ts';
import { type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';

let fixture: ProgramsFixture;
before(async () => {
  const images = [{ imageId: 'ami-0123456789abcdef0', rootDeleteOnTermination: false }];
  fixture = await startProgramsFixture('portald-root-', { images });
  await fixture.startPortald();
});
after(() => fixture?.end());

/** The root volumes that were billed so far, and those that still are. */
async function rootVolumes(): Promise<{ all: string[]; billed: string[] }> {
  const { lines } = await fixture.control.bill();
  const given = ['vol-0123456789abcdef0', 'vol-0fedcba9876543210'];
  const roots = lines.filter((line) => line.kind === 'volume' && !given.includes(line.resourceId));
  const idsOf = (some: typeof roots): string[] => [...new Set(some.map((line) => line.resourceId))];
  return { all: idsOf(roots), billed: idsOf(roots.filter((line) => line.end === null)) };
}

test('a root volume that would outlive its instance ends with it', async () => {
  fixture.specify('gpu', (example) => {
    // Without a subnet, it is the default one of the zone.
    const { subnet_id: _subnet, ...instance } = example.spot_instance;
    return { ...example, channels: [], spot_instance: instance };
  });
  const user = portalUser(fixture, 'gpu');
  const first = (await user.open()).instance?.id ?? '';
  assert.equal((await rootVolumes()).all.length, 1);
  await fixture.control.post('notice', { instanceId: first });
  await user.until('open', first);
  await eventually('only the second root volume is billed', async () => {
    const { all, billed } = await rootVolumes();
    return all.length === 2 && billed.length === 1;
  });
  await user.close();
  const { all, billed } = await rootVolumes();
  assert.deepEqual([all.length, billed], [2, []]);
  await assertNothingLeft(fixture);
});
