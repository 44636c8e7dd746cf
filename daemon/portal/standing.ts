// Facts derived from record and observation that several deciders share. Pure.
import { absolutePath, isBelowOne } from '../../protocol/specification/places.ts';
import { isForgotten } from './absences.ts';
import { type CloudFleet, type CloudInstance, type CloudVolume, fleetTag, tagNames } from './cloud.ts';
import type { GenerationObservation, Observation, TaskStatus } from './observation.ts';
import type { GenerationRecord, PortalRecord } from './record.ts';
import { type Decision, type Step, stepKey, type TaskKind } from './steps.ts';

/** How far a generation has come, by what EC2 says. `unknown`: EC2 cannot be asked or does not show it (yet). */
export type Standing =
  | 'unrequested'
  | 'requested'
  | 'pending'
  | 'running'
  | 'stopped'
  | 'ending'
  | 'gone'
  | 'unknown';

export function standing(generation: GenerationRecord, observation: Observation): Standing {
  if (generation.goneAt !== undefined) return 'gone';
  if (generation.fleetId === undefined) return 'unrequested';
  if (generation.instanceId === undefined) return 'requested';
  const state = instanceOf(generation, observation)?.state;
  if (state === undefined) return 'unknown';
  if (state === 'pending' || state === 'running' || state === 'stopped') return state;
  return 'ending';
}

export function instanceOf(
  generation: GenerationRecord,
  observation: Observation,
): CloudInstance | undefined {
  return generation.instanceId === undefined
    ? undefined
    : observation.cloud?.instances.get(generation.instanceId);
}

export function fleetOf(generation: GenerationRecord, observation: Observation): CloudFleet | undefined {
  return generation.fleetId === undefined ? undefined : observation.cloud?.fleets.get(generation.fleetId);
}

/** EC2 forgets fleets some time after their end; one that its answers show no more so long after its request is over. */
const fleetForgottenMs = 10 * 60_000;

/** A fleet that EC2 has cancelled, and whose instance has ended, is over when so many answers in a row do not show it. */
const cancelledAnswers = 5;

/** `active`: may still launch. `ending`: launches nothing more. `over`: EC2 shows its end. `unknown`: not shown. */
export function fleetStanding(
  generation: GenerationRecord,
  observation: Observation,
): 'active' | 'ending' | 'over' | 'unknown' {
  const fleet = fleetOf(generation, observation);
  if (fleet === undefined) {
    const requestedAt = generation.requestedAt ?? observation.now;
    const { fleetId = '' } = generation;
    const asked = observation.cloud?.askedFleets.has(fleetId) === true;
    // Not just not shown yet.
    const isOld =
      generation.instanceId !== undefined ||
      generation.fleetCancelledAt !== undefined ||
      observation.now - requestedAt > fleetForgottenMs;
    // AWS shows what was cancelled for two days; another EC2 may forget it at once.
    const isCancelled = generation.fleetCancelledAt !== undefined && generation.goneAt !== undefined;
    const isAbsent = (observation.absences.get(fleetId)?.answers ?? 0) >= cancelledAnswers;
    const isGone = (isOld && isForgotten(fleetId, observation)) || (isCancelled && isAbsent);
    return asked && isGone ? 'over' : 'unknown';
  }
  if (fleet.state === 'cancelled' || fleet.state === 'failed') return 'over';
  // It was cancelled without its instance, which has ended since.
  if (fleet.state === 'cancelled_running' && generation.goneAt !== undefined) return 'over';
  return fleet.state.startsWith('cancelled') ? 'ending' : 'active';
}

/**
 * Instances alive with the tags of this opening of the portal that stand in no generation on record, and that a spot fleet
 * launched, as AWS's own tag says. One of another opening may belong to a record that was set aside, and one that no fleet
 * launched is somebody's own: those are for the sweep to judge.
 */
export function strays(record: PortalRecord, observation: Observation): CloudInstance[] {
  const known = new Set(record.generations.map((one) => one.instanceId));
  return [...(observation.cloud?.instances.values() ?? [])]
    .filter((one) => one.tags[tagNames.portal] === record.name && !known.has(one.id))
    .filter((one) => one.tags[tagNames.opening] === record.opening && one.tags[fleetTag] !== undefined)
    .filter((one) => one.state !== 'terminated' && one.state !== 'shutting-down');
}

/** Neither given notice, abandoned nor gone. */
export function isOfUse(generation: GenerationRecord): boolean {
  return (
    generation.goneAt === undefined && generation.notice === undefined && generation.abandonedAt === undefined
  );
}

/** The generation that the portal is to live on: the latest of use that does not stand by for another. */
export function workerOf(record: PortalRecord): GenerationRecord | undefined {
  const spare = spareOf(record);
  return record.generations.findLast((one) => isOfUse(one) && one !== spare);
}

/** The generation that stands by for one that is still of use. */
export function spareOf(record: PortalRecord): GenerationRecord | undefined {
  return record.generations.find(
    (one) =>
      isOfUse(one) && record.generations.some((other) => other.number === one.spareOf && isOfUse(other)),
  );
}

/** The generation that must let go of the volumes before another may have them: it may have them mounted. */
export function holderOf(record: PortalRecord): GenerationRecord | undefined {
  // One that began to mount them and was given notice, or portald an end, before it took them over has them too.
  const mounting = record.generations.findLast(
    (one) => one.mountingAt !== undefined && one.releasedAt === undefined && one.goneAt === undefined,
  );
  return mounting ?? record.generations.find((one) => one.number === record.holder);
}

export function seen(
  generation: GenerationRecord,
  observation: Observation,
): GenerationObservation | undefined {
  return observation.generations.get(generation.number);
}

export function isConnected(generation: GenerationRecord, observation: Observation): boolean {
  return seen(generation, observation)?.link?.state === 'connected';
}

export function taskOf(
  generation: GenerationRecord,
  observation: Observation,
  kind: TaskKind,
): TaskStatus | undefined {
  return seen(generation, observation)?.tasks.get(kind);
}

/** Whether the instance was asked so often to let go of the volumes and does not; a lost connection is no refusal. */
export function refusesRelease(task: TaskStatus | undefined, attempts: number): boolean {
  return task?.state === 'failed' && task.attempts >= attempts && task.difficulty?.kind !== 'ssh';
}

/** The specification's volumes that EC2 shows attached (in any attachment state) to this generation. */
export function attachedTo(
  generation: GenerationRecord,
  record: PortalRecord,
  observation: Observation,
): CloudVolume[] {
  return record.specification.persistent_volumes
    .map((volume) => observation.cloud?.volumes.get(volume.volume_id))
    .filter((volume) => volume !== undefined)
    .filter(
      (volume) =>
        volume.attachment?.instanceId === generation.instanceId && generation.instanceId !== undefined,
    );
}

/** Whether the virtual environment lies on one of the portal's volumes and so outlives an instance. */
export function packagesOnVolume(record: PortalRecord): boolean {
  return liesOnVolume(record, record.specification.spot_instance.python_virtual_env ?? '');
}

/** Whether a path on the instance lies on one of the portal's volumes. */
export function liesOnVolume(record: PortalRecord, path: string): boolean {
  const { spot_instance: instance, persistent_volumes: volumes } = record.specification;
  const points = volumes.map((volume) => volume.mount_point);
  return isBelowOne(absolutePath(path, instance.remote_user), points);
}

export function wantsPackages(record: PortalRecord): boolean {
  return (record.specification.spot_instance.extra_python_packages?.length ?? 0) > 0;
}

export function waiting(ms: number, what: string, reason: string): Decision {
  return { step: { kind: 'wait', ms: Math.max(50, ms) }, what, reason };
}

export function doing(step: Step, what: string, reason: string): Decision {
  return { step, what, reason };
}

/**
 * The first decision that acts; when all wait, or have failed just now, the first one's words with the soonest time;
 * undefined for none.
 */
export function firstAction(
  observation: Observation,
  deciders: readonly (() => Decision | undefined)[],
): Decision | undefined {
  let patient: Decision | undefined;
  for (const decider of deciders) {
    const decided = decider();
    if (decided === undefined) continue;
    const decision = rested(decided, observation);
    if (decision.step.kind !== 'wait') return decision;
    const soonest = Math.min(decision.step.ms, patient?.step.kind === 'wait' ? patient.step.ms : Infinity);
    const trouble = patient?.trouble ?? decision.trouble;
    patient = {
      ...(patient ?? decision),
      step: { kind: 'wait', ms: soonest },
      ...(trouble !== undefined && { trouble }),
    };
  }
  return patient;
}

/** The decision, or to wait while its step rests. */
export function rested(decision: Decision, { resting }: Observation): Decision {
  // Asked of every step that is thought of; mostly nothing rests.
  const rest = resting.size === 0 ? undefined : resting.get(stepKey(decision.step));
  return rest === undefined ? decision : waiting(rest.forMs, decision.what, rest.message);
}

/** Pause after the nth failure in a row, milliseconds: 1 s doubling to 60 s. */
export function retryPauseMs(attempts: number): number {
  return Math.min(60_000, 1000 * 2 ** Math.max(0, attempts - 1));
}
