// However long EC2 is of no use, and whatever it answers: it is asked with growing intervals, machines are launched ever more
// seldom, every pool gets its turn, and what is waited for is told. Each life goes on for simulated hours;
// PORTALD_PROPERTY_SEED=seed lives it again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launchTrouble } from '../../daemon/portal/launch-trouble.ts';
import { typesOf } from '../../daemon/portal/pools.ts';
import type { PortalRecord } from '../../daemon/portal/record.ts';
import { workerOf } from '../../daemon/portal/standing.ts';
import type { Decision } from '../../daemon/portal/steps.ts';
import { allWanted } from '../crash/chance.ts';
import { createChance } from './model/chance.ts';
import { beginLife, type Told, turn } from './model/live.ts';
import type { Life } from './model/machine-side.ts';
import { someRecord } from './model/plans.ts';
import type { Adversity } from './model/region.ts';

const hourMs = 3_600_000;
const livesEach = allWanted(process.env) ? 200 : 5;
const [first, second] = ['g5.xlarge', 'g4dn.xlarge'] as const;

interface Regime {
  readonly what: string;
  readonly adversity: Adversity;
  /** What the portal is when it begins: being opened, open, or open on a machine that is given notice. */
  readonly begin: 'opening' | 'open' | 'interrupted';
  /** Instance types without capacity. */
  readonly without?: readonly string[];
  readonly silent?: boolean;
  /** From a quarter of an hour on, something must be told. */
  readonly isTold: boolean;
}

const regimes: readonly Regime[] = [
  {
    what: 'every machine ends as soon as it runs',
    adversity: { endsAfterMs: { [first]: 0, [second]: 0 } },
    begin: 'interrupted',
    isTold: true,
  },
  {
    what: 'machines end a while after they run',
    adversity: { endsAfterMs: { [first]: 20_000, [second]: 5000 } },
    begin: 'interrupted',
    isTold: false,
  },
  {
    what: 'machines of the first type end at once',
    adversity: { endsAfterMs: { [first]: 0 } },
    begin: 'interrupted',
    isTold: false,
  },
  {
    what: 'every replacement is given notice',
    adversity: { noticeAfterMs: 0 },
    begin: 'interrupted',
    isTold: false,
  },
  {
    what: 'there is room for one machine',
    adversity: { room: { machines: 1 }, noticeAfterMs: 300_000 },
    begin: 'interrupted',
    isTold: false,
  },
  {
    what: 'there is room for none',
    adversity: { room: { machines: 0 } },
    begin: 'interrupted',
    isTold: true,
  },
  {
    what: 'the second type is too large, and there is none of the first',
    adversity: { room: { machines: 9, tooLarge: second } },
    without: [first],
    begin: 'interrupted',
    isTold: true,
  },
  {
    what: 'there is no capacity',
    adversity: {},
    without: [first, second],
    begin: 'interrupted',
    isTold: true,
  },
  {
    what: 'there is no capacity from the start',
    adversity: {},
    without: [first, second],
    begin: 'opening',
    isTold: true,
  },
  {
    what: 'somebody cancels every fleet',
    adversity: { fleetsEnd: true },
    begin: 'interrupted',
    isTold: true,
  },
  { what: 'EC2 does not answer', adversity: {}, silent: true, begin: 'interrupted', isTold: false },
  { what: 'EC2 answers, and shows nothing', adversity: { showsNothing: true }, begin: 'open', isTold: false },
  { what: 'attachments hang', adversity: { stuck: 'attaching' }, begin: 'opening', isTold: true },
  {
    what: 'attachments hang, and cannot be undone',
    adversity: { stuck: 'attaching', refusesDetach: true },
    begin: 'opening',
    isTold: true,
  },
  { what: 'a volume has failed', adversity: { volumeState: 'error' }, begin: 'opening', isTold: true },
  { what: 'detaching hangs', adversity: { stuck: 'detaching' }, begin: 'interrupted', isTold: true },
  { what: 'machines never end', adversity: { stuck: 'shutting-down' }, begin: 'interrupted', isTold: true },
];

for (const regime of regimes) {
  test(regime.what, (context) => {
    const most = { launches: 0, changes: 0, rounds: 0 };
    for (const seed of seeds()) {
      const told: Told = { lines: [], steps: 0 };
      try {
        const counted = endure(regime, seed, told);
        for (const key of ['launches', 'changes', 'rounds'] as const)
          most[key] = Math.max(most[key], counted[key]);
      } catch (error) {
        const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
        assert.fail(`PORTALD_PROPERTY_SEED=${seed}: ${reason}\n${told.lines.slice(-60).join('\n')}`);
      }
    }
    context.diagnostic(`at most in ten minutes: ${JSON.stringify(most)}`);
  });
}

function seeds(): number[] {
  const replayed = process.env['PORTALD_PROPERTY_SEED'];
  if (replayed !== undefined) return [Number(replayed)];
  const begin = Math.floor(Date.now() / 1000) * livesEach;
  return Array.from({ length: livesEach }, (_, index) => (begin + index) >>> 0);
}

/** Lives two hours under the regime; returns the most that was asked in any ten minutes. */
function endure(regime: Regime, seed: number, told: Told): Record<keyof Life['region']['asked'], number> {
  const chance = createChance(seed);
  const plan = someRecord(chance);
  const life = beginLife(regime.isTold ? withVolume(plan) : plan, chance);
  const { region } = life;
  life.stormy = false;
  if (regime.begin !== 'opening') while (workerOf(life.record)?.readyAt === undefined) turn(life, told);
  region.adversity = regime.adversity;
  region.silent = regime.silent === true;
  for (const type of regime.without ?? []) region.capacity.delete(type);
  if (regime.begin === 'interrupted') for (const one of region.machines) one.notice ??= noticeAt(region.now);
  const began = region.now;
  let opened = 0;
  while (region.now < began + 2 * hourMs && life.record.closedAt === undefined) {
    const before = region.now;
    const decision = turn(life, told);
    const silentForMs = region.now - began;
    if (decision.step.kind === 'note-ready') opened += 1;
    assert.equal(keptWaiting(life, decision, before), undefined);
    if (regime.isTold && silentForMs > hourMs / 4)
      assert.ok(isTold(life, decision, before), `nothing is told: ${decision.what} (${decision.reason})`);
  }
  const counted = {
    launches: mostWithin(region.asked.launches, hourMs / 6),
    changes: mostWithin(region.asked.changes, hourMs / 6),
    rounds: mostWithin(region.asked.rounds, hourMs / 6),
  };
  const types = typesOf(life.record.specification).length;
  // A machine on which the portal was open was worth its launch.
  assert.ok(counted.launches <= 10 * types + opened, `${counted.launches} launches in ten minutes`);
  assert.ok(counted.changes <= 200, `${counted.changes} calls that change something in ten minutes`);
  assert.ok(counted.rounds <= 800, `${counted.rounds} rounds of calls in ten minutes`);
  return counted;
}

function withVolume(record: PortalRecord): PortalRecord {
  const { specification } = record;
  if (specification.persistent_volumes.length > 0) return record;
  const volume = { volume_id: 'vol-1', device: '/dev/xvdf', mount_point: '/home/ubuntu/data' };
  return { ...record, specification: { ...specification, persistent_volumes: [volume] } };
}

function noticeAt(now: number) {
  return { deadline: now + 120_000, inMetadataFrom: now, inStatusFrom: now };
}

/** A pool that has not failed just now, and is not asked for while there is nothing else to wait for. */
function keptWaiting({ record, region }: Life, { step, what }: Decision, before: number): string | undefined {
  if (step.kind !== 'wait' || record.wish !== 'open' || workerOf(record) !== undefined) return undefined;
  if (region.silent || what !== 'waiting to launch again') return undefined;
  assert.ok(step.ms > 0);
  return typesOf(record.specification).find(
    (type) => !record.pools.some((one) => one.instanceType === type && one.until > before),
  );
}

/** Whether the user is told what it is waited for, or a machine is being launched, or it is given up. */
function isTold({ record, memory }: Life, { step, trouble }: Decision, before: number): boolean {
  if (record.wish === 'closed' || step.kind !== 'wait' || trouble !== undefined) return true;
  const worker = workerOf(record);
  const launch = launchTrouble(record, worker, before);
  const isUnderWay = worker !== undefined || record.generations.some((one) => one.abandonedAt !== undefined);
  const isNextKnown = isUnderWay || launch?.nextAttemptAt !== undefined;
  return memory.trouble.current() !== undefined || (launch !== undefined && isNextKnown);
}

function mostWithin(times: readonly number[], ms: number): number {
  let from = 0;
  return times.reduce((most, time, index) => {
    while (time - (times[from] ?? time) > ms) from += 1;
    return Math.max(most, index - from + 1);
  }, 0);
}
