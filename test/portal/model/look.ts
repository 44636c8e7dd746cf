// What the daemon gets to see at one moment (observe.ts): a snapshot that may be some seconds old, what its
// connections tell, and how long instances have been missing from EC2's answers.
import { noteAbsences } from '../../../daemon/portal/absences.ts';
import type { GenerationObservation, Observation } from '../../../daemon/portal/observation.ts';
import { noteShown } from '../../../daemon/portal/shown-since.ts';
import { catchUp, type Life } from './machine-side.ts';
import { advance } from './region.ts';
import { shown } from './shown.ts';

/** How long a turn waits for an answer of EC2 before it goes on without. */
const patienceMs = 1500;

/** Takes time: the calls to EC2 do. */
export function look(life: Life): Observation {
  const { memory, region, chance, record } = life;
  const known = memory.snapshot;
  const fresh = known !== undefined && known.at > memory.actedAt && region.now - known.at <= memory.restedMs;
  const cloud = fresh ? known : shown(region, record);
  if (!fresh && cloud !== undefined) memory.snapshot = cloud;
  const ms = fresh
    ? 0
    : region.silent
      ? patienceMs
      : region.credentialsExpired || region.elsewhere
        ? 1
        : chance.between(50, 400);
  advance(region, ms, chance);
  catchUp(life);
  const { now } = region;
  if (cloud !== undefined && cloud.at !== memory.countedRound) {
    memory.countedRound = cloud.at;
    noteAbsences(memory.absences, cloud, life.record, now);
    noteShown(memory.shown, cloud, life.record, now);
  }
  return {
    now,
    generations: new Map(life.record.generations.map((one) => [one.number, onInstance(life, one.number)])),
    absences: new Map(memory.absences),
    shownSince: new Map([...memory.shown].map(([id, { since }]) => [id, since])),
    channelsOn: memory.channelsOn,
    resting: memory.trouble.resting(),
    earlyReplacementMs: life.earlyReplacementMs,
    ...(cloud !== undefined && { cloud }),
    ...(region.elsewhere && cloud === undefined && { cloudDifficulty: elsewhere }),
  };
}

const elsewhere = { kind: 'account-mismatch', message: 'another account', since: 0 } as const;

function onInstance({ memory, region }: Life, number: number): GenerationObservation {
  const link = memory.links.get(number);
  const mounts = memory.mounts.get(number);
  const tasks = memory.tasks.get(number) ?? new Map();
  return {
    transport: link?.status.state === 'connected' && region.now >= link.transportFrom,
    tasks: new Map([...tasks].map(([kind, task]) => [kind, task.status])),
    ...(link !== undefined && { link: link.status }),
    ...(mounts !== undefined && { mounts }),
  };
}
