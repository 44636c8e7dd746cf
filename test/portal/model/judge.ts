// What must never be decided, judged by the world as it truly is.
import { tagNames } from '../../../daemon/portal/cloud.ts';
import type { Observation } from '../../../daemon/portal/observation.ts';
import type { PortalRecord } from '../../../daemon/portal/record.ts';
import { attachedTo } from '../../../daemon/portal/standing.ts';
import { cloudSteps, type Decision, type Step } from '../../../daemon/portal/steps.ts';
import { leftOver } from './calls.ts';
import type { Life } from './machine-side.ts';
import { taskIn } from './memory.ts';
import { isAlive, type Region } from './region.ts';

/** A sentence for what is wrong with the decision; undefined when nothing is. */
export function wrongInLife(life: Life, observation: Observation, decision: Decision): string | undefined {
  const { step } = decision;
  const { record, region } = life;
  switch (step.kind) {
    case 'begin-generation':
      return doubled(record, [step.spareOf], region);
    case 'request-fleet': {
      const one = record.generations.find((each) => each.number === step.generation);
      return one?.requestedAt === undefined
        ? doubled(record, [step.generation, one?.spareOf], region)
        : repeated(record, step.generation, observation);
    }
    case 'detach-volume':
      return detached(life, step.volumeId, step.instanceId);
    case 'attach-volume': {
      const volume = observation.cloud?.volumes.get(step.volumeId);
      return volume?.attachment === undefined ? undefined : 'a volume is attached twice';
    }
    case 'terminate-instance':
      return ended(life, observation, step.instanceId);
    case 'cancel-fleet': {
      const one = region.machines.find((each) => each.fleetId === step.fleetId);
      return one === undefined ? undefined : ended(life, observation, one.id);
    }
    case 'drain':
      return taskIn(life.memory, step.generation, 'release')?.status.state === 'running'
        ? 'draining begins while the volumes are being released'
        : undefined;
    case 'mount-volumes':
      return mountedElsewhere(life, step.generation);
    case 'finish-close': {
      const [left] = leftOver(region);
      return left === undefined ? undefined : `closed, and ${left}`;
    }
    default:
      return undefined;
  }
}

/** What holds for any record and any observation, whether a life would lead there or not. */
export function wrongAnywhere(
  record: PortalRecord,
  observation: Observation,
  { step }: Decision,
): string | undefined {
  if (step.kind === 'wait' && !(step.ms >= 50 && step.ms < Number.POSITIVE_INFINITY))
    return `a wait of ${step.ms} ms`;
  if (step.kind === 'release' && !(step.timeoutMs >= 3000 && step.timeoutMs <= 60_000))
    return `a release in ${step.timeoutMs} ms`;
  const isPlan =
    step.kind === 'note-gone' &&
    record.generations.find((one) => one.number === step.generation)?.requestedAt === undefined;
  if (observation.cloudDifficulty?.kind === 'account-mismatch' && cloudSteps.has(step.kind))
    return `${step.kind} in another account`;
  if (observation.cloud === undefined && !isPlan && destructive.has(step.kind))
    return `${step.kind} while EC2 is silent`;
  return undefined;
}

const destructive: ReadonlySet<Step['kind']> = new Set([
  'note-gone',
  'terminate-instance',
  'cancel-fleet',
  'detach-volume',
  'attach-volume',
  'retire-generation',
  'finish-close',
]);

/** A new machine is only ordered when every other on record, but the one it stands by for, is gone or going. */
function doubled(
  record: PortalRecord,
  but: readonly (number | undefined)[],
  region: Region,
): string | undefined {
  const others = record.generations.filter((one) => !but.includes(one.number));
  const other = others.find((one) => one.goneAt === undefined && one.notice === undefined);
  if (other !== undefined) return `a launch beside generation ${other.number}`;
  const known = new Set(others.filter((one) => one.notice === undefined).map((one) => one.fleetId));
  const living = region.machines.find(
    (one) => isAlive(one) && one.notice === undefined && known.has(one.fleetId),
  );
  return living === undefined ? undefined : `a launch beside ${living.id}, which lives`;
}

/** EC2 may have forgotten the token: what is shown is taken over and not asked for again. */
function repeated(record: PortalRecord, number: number, observation: Observation): string | undefined {
  const shown = [...(observation.cloud?.instances.values() ?? [])].find(
    (one) =>
      one.tags[tagNames.opening] === record.opening &&
      one.tags[tagNames.generation] === String(number) &&
      (one.state === 'pending' || one.state === 'running'),
  );
  const isKnown = record.generations.some((one) => one.instanceId === shown?.id);
  return shown === undefined || isKnown ? undefined : `a request is repeated that gave ${shown.id}`;
}

function detached(life: Life, volumeId: string, instanceId: string): string | undefined {
  const machine = life.region.machines.find((one) => one.id === instanceId);
  if (machine === undefined || machine.state === 'terminated') return undefined;
  if (machine.mounted.has(volumeId)) return `${volumeId} is detached while ${instanceId} has it mounted`;
  const number = life.record.generations.find((one) => one.instanceId === instanceId)?.number ?? 0;
  const mounting = taskIn(life.memory, number, 'mount-volumes')?.status.state === 'running';
  return mounting ? `${volumeId} is detached while ${instanceId} mounts it` : undefined;
}

function mountedElsewhere(life: Life, number: number): string | undefined {
  const mine = life.record.generations.find((one) => one.number === number)?.instanceId;
  const other = life.region.machines.find(
    (one) => one.id !== mine && one.state !== 'terminated' && one.mounted.size > 0,
  );
  const shared = life.region.volumes.find(
    (one) => one.attachment?.instanceId === mine && other?.mounted.has(one.id),
  );
  return shared === undefined ? undefined : `${shared.id} is mounted on ${mine} and ${other?.id}`;
}

/** Ending an instance with mounted volumes needs a good reason. */
function ended(life: Life, observation: Observation, instanceId: string): string | undefined {
  const { record, region, memory } = life;
  const machine = region.machines.find((one) => one.id === instanceId);
  if (machine === undefined || !isAlive(machine)) return undefined;
  const generation = record.generations.find((one) => one.instanceId === instanceId);
  if (generation === undefined)
    return machine.mounted.size > 0 ? 'a stray with mounted volumes is ended' : undefined;
  if (record.wish === 'open') {
    if (generation.notice === undefined && generation.abandonedAt === undefined)
      return `${instanceId} works and is ended`;
    if (machine.mounted.size === 0) return undefined;
    const release = taskIn(memory, generation.number, 'release')?.status;
    const refused = (release?.attempts ?? 0) >= 3 && release?.difficulty?.kind !== 'ssh';
    const detachedAll = attachedTo(generation, record, observation).length === 0;
    return refused || detachedAll ? undefined : `${instanceId} has volumes mounted and is ended`;
  }
  if (machine.mounted.size === 0 || generation.releasedAt !== undefined) return undefined;
  // To a machine that is not ours nothing more is said.
  if (generation.hostKeyDisprovedAt !== undefined) return undefined;
  const release = taskIn(memory, generation.number, 'release')?.status;
  // A connection that is lost in the middle of it is no refusal, unless that goes on.
  const lostOften = (release?.attempts ?? 0) >= 4 && region.now - record.wishedAt > 60_000;
  const refused = (release?.attempts ?? 0) >= 2 && release?.difficulty?.kind !== 'ssh';
  if (release?.state === 'failed' && (refused || lostOften)) return undefined;
  const link = memory.links.get(generation.number)?.status;
  if (link?.state === 'connected') return `${instanceId} answers and is ended without a release`;
  if (link === undefined) return `${instanceId} was never asked for the last synchronisation`;
  return link.failedAttempts >= 4 ? undefined : `${instanceId} was hardly asked before it is ended`;
}
