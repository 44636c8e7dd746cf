// What can go wrong in the middle of a synchronisation, each in both directions, for what was there before and for what is
// saved while the channel runs: it is told, and once the fault is over the trees become equal by themselves.
// A sample by default; PORTALD_CRASH=all takes every case.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { allWanted, chanceOf, seedOf } from '../crash/chance.ts';
import { eventually } from '../fixture/eventually.ts';
import { startChannelFixture } from './channel-fixture.ts';
import { type Fault, faults, type Place } from './faults.ts';
import { removeUnknowable, slowDown, slowRsync, speedUp, temporaryFiles } from './slow-rsync.ts';
import { mountSmallDisk } from './small-disk.ts';
import { fillTree, listTree } from './tree.ts';

const moments = ['before it starts', 'while it runs'] as const;

/** So many of a direction are tried where not all are wanted. */
const sample = 2;

const seeded = chanceOf(seedOf(process.env, (text) => process.stdout.write(`${text}\n`)));
for (const direction of ['out', 'in'] as const) {
  const cases = moments.flatMap((when) => faults.map((fault) => ({ when, fault })));
  describe(`direction ${direction}`, { concurrency: 4 }, () => {
    const sampled = seeded.shuffled(cases).slice(0, sample);
    for (const { when, fault } of allWanted(process.env) ? cases : sampled) {
      test(`saved ${when}: ${fault.name}`, async (context) => {
        await survive(fault, direction, when, (text) => context.diagnostic(text));
      });
    }
  });
}

async function survive(
  fault: Fault,
  direction: 'in' | 'out',
  when: (typeof moments)[number],
  say: (text: string) => void,
): Promise<void> {
  await using fixture = await startChannelFixture({ programs: slowRsync, alsoHere: true, ...fault.instance });
  const [from, to] = direction === 'out' ? [fixture.local, fixture.remote] : [fixture.remote, fixture.local];
  using disk = fault.wantsDisk === true ? mountSmallDisk(to, 2000) : undefined;
  if (fault.wantsDisk === true && disk === undefined) {
    say('not tried: nothing can be mounted here');
    return;
  }
  const place: Place = { fixture, direction, from, to, disk };
  fillTree(from);
  if (fault.instance?.shell !== undefined) {
    chmodSync(fixture.instance.folder, 0o755);
    execFileSync('chown', ['-R', '65534', fixture.instance.home]);
  }
  const channel = fixture.open({
    direction,
    local_path: './',
    remote_path: `${fixture.remote}/`,
    recursive: true,
    delay: 0.05,
  });
  const save = (): void => writeFileSync(join(from, 'large'), randomBytes(3_000_000));
  slowDown(fixture, 1000);
  if (when === 'before it starts') save();
  channel.resume(await fixture.transport());
  if (when === 'while it runs') {
    await eventually('it runs', () => channel.view().synchronisations > 0);
    save();
  }
  await fault.happen(place);
  const isToldOf = fault.lasts || when === 'before it starts' || direction === 'in';
  if (isToldOf) {
    await eventually('it is told', () => fault.told.test(channel.view().error ?? '')).catch(
      (error: unknown) => {
        assert.fail(`${String(error)}; ${JSON.stringify(channel.view())}`);
      },
    );
  }
  speedUp(fixture);
  // After a lasting fault, which may forbid to look into the folder.
  await fault.end(place);
  removeUnknowable(to);
  const here = listTree(from);
  await eventually('the trees are equal', () => JSON.stringify(listTree(to)) === JSON.stringify(here)).catch(
    (error: unknown) => {
      assert.deepEqual(listTree(to), here, `${String(error)}; ${JSON.stringify(channel.view())}`);
    },
  );
  assert.deepEqual([...temporaryFiles(from), ...temporaryFiles(to)], []);
  await eventually('all is well', () => {
    const { state, error, isPending } = channel.view();
    return state === 'idle' && error === undefined && !isPending;
  });
}
