// Channels over many handovers: a volume moves from one instance to another and back, in order or because the one that
// had it is gone, while files are saved here and there. Nothing is lost and the trees end equal, with nothing told by hand.
// A few handovers by default; PORTALD_CRASH=all takes 60. PORTALD_CRASH_SEED replays the choices of a run.
import assert from 'node:assert/strict';
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel, RemoteLink } from '../../daemon/portal/gateways.ts';
import type { ChannelSpecification } from '../../protocol/specification/schema.ts';
import { allWanted, type Chance, chanceOf, seedOf } from '../crash/chance.ts';
import { eventually } from '../fixture/eventually.ts';
import { type Instance, startInstance } from '../remote/instance.ts';
import { channelsIn, linkTo, patient, transportOf } from './channel-fixture.ts';
import { edit } from './edits.ts';
import { killAll, processesThere } from './slow-rsync.ts';
import { listTree } from './tree.ts';

/** An instance, and the volume's place on it while it has it. */
interface Holder {
  readonly instance: Instance;
  readonly link: RemoteLink;
  readonly volume: string;
}

const handovers = allWanted(process.env) ? 60 : 2;

test('whatever is saved while the volume moves, the trees end equal', {
  timeout: 1_200_000,
}, async (context) => {
  const chance = chanceOf(seedOf(process.env, (text) => context.diagnostic(text)));
  await using first = await startInstance();
  await using second = await startInstance();
  await using firstLink = linkTo(first.folder, { ...first.target, instanceId: 'i-1' });
  await using secondLink = linkTo(second.folder, { ...second.target, instanceId: 'i-2' });
  const holderOf = (instance: Instance, link: RemoteLink): Holder => ({
    instance,
    link,
    volume: join(instance.home, 'volume'),
  });
  let [holder, other] = [holderOf(first, firstLink), holderOf(second, secondLink)];
  const local = join(first.folder, 'local');
  for (const folder of ['code', 'results']) {
    mkdirSync(join(local, folder), { recursive: true });
    mkdirSync(join(holder.volume, folder), { recursive: true });
  }
  const both = openBoth(local, first.folder);
  try {
    await resume(both, holder);
    for (let index = 0; index < handovers; index++) {
      await burst(chance, local, holder, index);
      if (chance.below(2) === 0) await release(both, holder, local);
      else await lose(both, holder, chance);
      // What is saved meanwhile has nowhere to go yet.
      await burst(chance, local, undefined, index);
      renameSync(holder.volume, other.volume);
      [holder, other] = [other, holder];
      await resume(both, holder);
    }
    await burst(chance, local, holder, handovers);
    for (const folder of ['code', 'results']) {
      const [here, there] = [join(local, folder), join(holder.volume, folder)];
      const differ = (): boolean => JSON.stringify(listTree(here)) !== JSON.stringify(listTree(there));
      // Sooner than everything is looked at again by the clock.
      await eventually(`${folder} is equal`, () => !differ(), 45_000).catch((error: unknown) => {
        const views = JSON.stringify(both.map((one) => one.view()));
        assert.deepEqual(listTree(there), listTree(here), `${String(error)}; ${views}`);
      });
    }
    await eventually('all is well', () =>
      both.every(
        (one) => one.view().state === 'idle' && one.view().error === undefined && !one.view().isPending,
      ),
    );
  } finally {
    await Promise.all(both.map((one) => one.close()));
  }
});

function openBoth(local: string, folder: string): readonly [out: Channel, inward: Channel] {
  const channels = channelsIn(folder);
  const open = (direction: 'in' | 'out', name: string): Channel => {
    const specification: ChannelSpecification = {
      direction,
      local_path: `${local}/${name}/`,
      remote_path: `~/volume/${name}/`,
      recursive: true,
      delete: true,
      delay: 0.02,
    };
    return channels.open(specification, () => {});
  };
  return [open('out', 'code'), open('in', 'results')];
}

async function resume(both: readonly Channel[], { link }: Holder): Promise<void> {
  const transport = await transportOf(link, 60_000);
  for (const channel of both) channel.resume(transport);
}

/** Saves here, and on the instance if one has the volume. */
async function burst(
  chance: Chance,
  local: string,
  holder: Holder | undefined,
  index: number,
): Promise<void> {
  for (let count = chance.below(25); count > 0; count--) {
    edit(join(local, 'code'), chance, index * 100 + count);
    if (holder !== undefined) edit(join(holder.volume, 'results'), chance, index * 100 + count);
    await sleep(chance.below(4) === 0 ? chance.below(200) : chance.below(8));
  }
}

/** As portald does before it unmounts a volume: what is there is fetched first. */
async function release(both: readonly [Channel, Channel], { volume }: Holder, local: string): Promise<void> {
  const [, inward] = both;
  await inward.synchronise(patient);
  assert.deepEqual(listTree(join(local, 'results')), listTree(join(volume, 'results')));
  await Promise.all(both.map((one) => one.pause()));
}

/** The instance is gone, with all that ran on it; the channels are told soon or late. */
async function lose(both: readonly Channel[], { instance }: Holder, chance: Chance): Promise<void> {
  await instance.stop();
  // Until none is left: what began while they were listed is not among them.
  await eventually('nothing runs there', () => {
    const left = processesThere({ instance }, '');
    killAll(left, 'SIGKILL');
    return left.length === 0;
  });
  await sleep(chance.below(2) === 0 ? 0 : chance.below(1000));
  await Promise.all(both.map((one) => one.pause()));
  await instance.start();
}
