// What the daemon gets to see at one moment (observe.ts): a snapshot that may be some seconds old, what its
// connections tell, and how long instances have been missing from EC2's answers.
import type { GenerationObservation, Observation } from '../../../daemon/portal/observation.ts';
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
  noteAbsences(life, cloud);
  const { now } = region;
  return {
    now,
    generations: new Map(life.record.generations.map((one) => [one.number, onInstance(life, one.number)])),
    absences: new Map(memory.absences),
    channelsOn: memory.channelsOn,
    earlyReplacementMs: life.earlyReplacementMs,
    ...(cloud !== undefined && { cloud }),
    ...(region.elsewhere && cloud === undefined && { cloudDifficulty: elsewhere }),
  };
}

const elsewhere = { kind: 'account-mismatch', message: 'another account', since: 0 } as const;

function noteAbsences({ memory, record, region }: Life, cloud: Observation['cloud']): void {
  if (cloud === undefined || cloud.at === memory.countedRound) return;
  memory.countedRound = cloud.at;
  const ids = record.generations.map((one) => one.instanceId).filter((id) => id !== undefined);
  for (const id of ids) {
    const known = memory.absences.get(id);
    if (cloud.instances.has(id)) memory.absences.delete(id);
    else {
      const absence = { since: known?.since ?? region.now, answers: (known?.answers ?? 0) + 1 };
      memory.absences.set(id, absence);
    }
  }
  for (const id of memory.absences.keys()) if (!ids.includes(id)) memory.absences.delete(id);
}

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
