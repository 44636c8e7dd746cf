// The way to a closed portal: a last synchronisation, volumes unmounted, everything ended, and EC2 asked until it
// shows that nothing is left.
import { awaiting, restMs } from './awaiting.ts';
import { end, endStrays, retire } from './decide-cleaning.ts';
import { decideReach } from './decide-reach.ts';
import type { Observation, TaskStatus } from './observation.ts';
import { partingWords } from './parting-words.ts';
import type { GenerationRecord, PortalRecord } from './record.ts';
import {
  attachedTo,
  doing,
  firstAction,
  instanceOf,
  isConnected,
  refusesRelease,
  retryPauseMs,
  seen,
  standing,
  taskOf,
  waiting,
} from './standing.ts';
import type { Decision } from './steps.ts';

/**
 * How long a closing waits for an instance that runs and does not answer, to make the last synchronisation, and how many
 * attempts to connect it makes at the least: the time may have passed while the laptop slept.
 */
const silenceGraceMs = 60_000;
const silentAttempts = 4;
/** One that had been silent for all that time before the closing began is asked only so long. */
const knownSilenceGraceMs = 5000;
const releaseTimeoutMs = 60_000;
const releaseAttempts = 2;
/** Volumes detach by themselves from an instance that is gone; after this they are helped. */
const detachByItselfMs = 60_000;

export function decideClose(record: PortalRecord, observation: Observation): Decision {
  const decision =
    // The one that holds the volumes, and one that was about to take them over.
    firstAction(
      observation,
      record.generations
        .filter((one) => one.number === record.holder || one.mountingAt !== undefined)
        .map((one) => () => releaseFirst(record, one, observation)),
    ) ??
    firstAction(observation, [
      ...record.generations.map((one) => () => endAndRetire(record, one, observation)),
      () => endStrays(record, observation),
    ]);
  if (decision !== undefined) return decision;
  if (record.generations.length > 0 || observation.cloud === undefined) {
    return waiting(
      1000,
      'waiting for EC2',
      observation.cloudDifficulty?.message ?? 'EC2 has not answered yet',
    );
  }
  return doing({ kind: 'finish-close' }, 'closed', 'EC2 shows nothing left of it');
}

function releaseFirst(
  record: PortalRecord,
  holder: GenerationRecord,
  observation: Observation,
): Decision | undefined {
  if (holder.goneAt !== undefined || holder.releasedAt !== undefined) return undefined;
  // Nothing more is said to a false machine.
  if (holder.hostKeyDisprovedAt !== undefined) return undefined;
  const state = standing(holder, observation);
  if (state === 'ending' || state === 'stopped' || state === 'gone') return undefined;
  if (taskOf(holder, observation, 'mount-volumes')?.state === 'running')
    return waiting(restMs, 'waiting for the volumes to be mounted', 'to unmount them in order');
  const task = taskOf(holder, observation, 'release');
  const parting = partingWords(record.specification);
  const { what } = parting;
  // A channel that cannot synchronise is tried again until then.
  const limit = `, given up after ${releaseTimeoutMs / 1000} s`;
  const reason = `${parting.reason}${record.specification.channels.length > 0 ? limit : ''}`;
  if (task?.state === 'running') return waiting(restMs, what, reason);
  if (refusesRelease(task, releaseAttempts) || losesConnection(task, record, observation)) return undefined;
  if (task?.state === 'failed' && observation.now - task.since < retryPauseMs(task.attempts))
    return waiting(500, what, task.difficulty?.message ?? 'it failed');
  if (isConnected(holder, observation)) {
    const step = { kind: 'release', generation: holder.number, timeoutMs: releaseTimeoutMs } as const;
    return doing(step, what, reason);
  }
  if (isSilent(record, holder, observation)) return undefined;
  return (
    decideReach(record, observation) ??
    waiting(1000, 'waiting for the instance to answer', `for this: ${what}`)
  );
}

/** Whether the connection was lost in every attempt, as often and for as long as one that is silent is asked. */
function losesConnection(
  task: TaskStatus | undefined,
  { wishedAt }: PortalRecord,
  { now }: Observation,
): boolean {
  return task?.state === 'failed' && task.attempts >= silentAttempts && now - wishedAt >= silenceGraceMs;
}

/** Whether the instance has been given its chance to answer. */
function isSilent(record: PortalRecord, holder: GenerationRecord, observation: Observation): boolean {
  const link = seen(holder, observation)?.link;
  const waitedMs = observation.now - record.wishedAt;
  // One that runs and can be connected to has not been asked yet: the daemon was just started.
  if (link === undefined) return waitedMs >= silenceGraceMs && !isReachable(holder, observation);
  const silentBeforeMs = record.wishedAt - link.since;
  const graceMs = silentBeforeMs >= silenceGraceMs ? knownSilenceGraceMs : silenceGraceMs;
  return waitedMs >= graceMs && link.failedAttempts >= silentAttempts;
}

function isReachable(holder: GenerationRecord, observation: Observation): boolean {
  const address = instanceOf(holder, observation)?.address;
  return standing(holder, observation) === 'running' && address !== undefined && holder.hostKeys.length > 0;
}

function endAndRetire(
  record: PortalRecord,
  generation: GenerationRecord,
  observation: Observation,
): Decision | undefined {
  if (generation.goneAt === undefined)
    return end(generation, observation, record.failure?.message ?? 'the portal is closed');
  for (const volume of attachedTo(generation, record, observation)) {
    const { instanceId, attachment } = { ...generation, attachment: volume.attachment };
    if (
      attachment?.state === 'attached' &&
      observation.now - generation.goneAt > detachByItselfMs &&
      instanceId
    ) {
      return doing(
        { kind: 'detach-volume', volumeId: volume.id, instanceId },
        `detaching ${volume.id}`,
        'it is left over',
      );
    }
    return awaiting(
      observation,
      'volume to be detached',
      volume.id,
      { what: `waiting for ${volume.id}`, reason: `${attachment?.state} on ${instanceId}` },
      instanceId,
    );
  }
  return retire(record, generation, observation);
}
