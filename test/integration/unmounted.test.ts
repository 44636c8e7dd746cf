// A volume that is unmounted under its channels: nothing is deleted here, nothing is saved into the bare folder, and it is
// mounted again.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually } from '../fixture/eventually.ts';
import { assertNothingLeft, type PortalUser, portalUser } from '../fixture/portal-user.ts';
import { type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';

const point = '/home/ubuntu/workspace';
let fixture: ProgramsFixture;
let user: PortalUser;
let address: string;
before(async () => {
  fixture = await startProgramsFixture('portald-unmounted-');
  await fixture.startPortald();
  fixture.specify('gpu', (example) => ({
    ...example,
    channels: example.channels.map((channel) => ({ ...channel, delete: true })),
  }));
  user = portalUser(fixture, 'gpu');
  address = (await user.open()).instance?.address ?? '';
});
after(() => fixture?.end());

const here = (...path: string[]): string => join(fixture.project, ...path);
async function there(script: string): Promise<string> {
  const { code, stdout, stderr } = await fixture.onInstance(address, script);
  assert.equal(code, 0, stderr);
  return stdout;
}
async function told(): Promise<string[]> {
  const { history } = await fixture.ask('portal.explain', { name: 'gpu' });
  return history.map((one) => one.text);
}
const times = async (sentence: RegExp): Promise<number> =>
  (await told()).filter((text) => sentence.test(text)).length;

for (const [round, what] of [
  'with nothing in the bare folder',
  'with a program that goes on there',
].entries()) {
  test(`unmounted lazily, ${what}`, async () => {
    const name = `result-${round}`;
    await there(`mkdir -p ${point}/results && echo kept > ${point}/results/${name}`);
    await eventually('it is fetched', () => existsSync(here('results', name)));
    writeFileSync(here('code', 'before'), `${round}`);
    await user.fileThere(`${point}/code/before`);

    const goesOn =
      round === 0 ? '' : `mkdir -p ${point}/results ${point}/code && echo stray > ${point}/results/stray`;
    await there(`sudo umount -l ${point} && ${goesOn || 'true'}`);
    writeFileSync(here('code', `saved-${round}`), 'meanwhile');
    await eventually('it is told', async () => (await times(/is not mounted on .* any more/)) > round);
    await eventually(
      'it is told that it is mounted again',
      async () => (await times(/^mounted vol-/)) === round + 2,
    );
    await eventually('it is shown', async () => {
      const { volumes, problem } = await user.view();
      return volumes[0]?.state === 'mounted' && problem === undefined;
    });
    assert.match(await there(`findmnt -no SOURCE --mountpoint ${point}`), /^\/dev\//);
    assert.equal(await user.fileThere(`${point}/code/saved-${round}`), 'meanwhile');
    assert.equal(readFileSync(here('results', name), 'utf8'), 'kept\n', 'nothing was deleted here');
    assert.equal(await there(`cat ${point}/results/${name}`), 'kept\n');
    assert.equal(existsSync(here('results', 'stray')), false, 'it is none of the volume');
    assert.equal(await times(/is not mounted on .* any more/), round + 1, 'it is told once');
  });
}

test('what was written into the bare folder is named', async () => {
  const sentences = (await told()).filter((text) => text.includes('the bare folder'));
  assert.equal(sentences.length, 1, sentences.join('\n'));
  assert.match(sentences[0] ?? '', /written into the bare folder \/home\/ubuntu\/workspace: .*results/);
  // No channel has made or filled anything there.
  const under = await there(`sudo umount -l ${point} && ls -A ${point}/code ${point}/results`);
  assert.deepEqual(under.match(/saved|before|result-/g), null, under);
  await eventually('it is mounted again', async () => (await times(/^mounted vol-/)) === 4);
  // One that is closed at once, before it could be mounted again.
  await there(`sudo umount -l ${point}`);
  writeFileSync(here('code', 'too-late'), 'saved');
  await eventually('it is noticed', async () => {
    const { channels } = await user.view();
    const isNoticed = channels.some((one) => one.error !== undefined || one.state === 'stopped');
    return isNoticed || (await times(/^mounted vol-/)) === 5;
  });
  await user.close();
  // An rsync that had entered the volume before still reaches it; what does not arrive there is told.
  const onVolume = join(fixture.folder, 'sandbox/disks/vol-0123456789abcdef0/content/code');
  assert.ok(existsSync(join(onVolume, 'before')), 'it is looked for in the right place');
  const isTold =
    (await times(/^channel 0 was not running: files saved in .*code\/ after .* were not sent/)) +
    (await times(/^the last synchronisation failed: .*code/));
  assert.ok(existsSync(join(onVolume, 'too-late')) || isTold > 0, (await told()).slice(-12).join('\n'));
  await assertNothingLeft(fixture);
});
