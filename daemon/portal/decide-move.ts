// Where the volumes are and where they must be: released by the old instance in order, then attached and mounted on
// the new one. A volume is never attached here while another instance may still write to it.
import { awaiting, restMs } from './awaiting.ts';
import type { CloudVolume } from './cloud.ts';
import { end } from './decide-cleaning.ts';
import type { Observation } from './observation.ts';
import { pacedTask } from './paced-task.ts';
import { partingWords } from './parting-words.ts';
import type { GenerationRecord, PortalRecord } from './record.ts';
import {
  attachedTo,
  doing,
  firstAction,
  holderOf,
  isConnected,
  packagesOnVolume,
  refusesRelease,
  retryPauseMs,
  seen,
  standing,
  taskOf,
  waiting,
  wantsPackages,
} from './standing.ts';
import type { Decision } from './steps.ts';

/** Kept back of the two minutes for the last synchronisation and the unmounting, should no replacement come in time. */
export const releaseReserveMs = 30_000;
const releaseAttempts = 3;
/** A drain that failed so often holds the move up no longer. */
const drainAttempts = 2;
/** An attachment that is `attaching` for so long is stuck (facts on volumes). */
const stuckAttachingMs = 90_000;
/** Volumes detach by themselves from an instance that is gone; after this they are helped. */
const detachByItselfMs = 60_000;

export function decideMove(
  record: PortalRecord,
  worker: GenerationRecord | undefined,
  observation: Observation,
): Decision | undefined {
  return firstAction(observation, [
    // Nothing runs on them any more, and they keep their volumes until they are ended.
    ...record.generations
      .filter((one) => one !== worker && standing(one, observation) === 'stopped')
      .map((one) => () => end(one, observation, 'it is stopped')),
    () => releaseHolder(record, worker, observation),
    () => detachFromOthers(record, worker, observation),
    () => worker && attachAll(record, worker, observation),
    () => worker && mountAll(record, worker, observation),
  ]);
}

function releaseHolder(
  record: PortalRecord,
  worker: GenerationRecord | undefined,
  observation: Observation,
): Decision | undefined {
  const holder = holderOf(record);
  if (holder === undefined || holder === worker || holder.goneAt !== undefined) return undefined;
  if (holder.releasedAt !== undefined || holder.notice === undefined) return undefined;
  const { deadline } = holder.notice;
  const left = deadline - observation.now;
  const drained =
    holder.drainedAt !== undefined ||
    holder.number !== record.holder ||
    !isConnected(holder, observation) ||
    (taskOf(holder, observation, 'drain')?.attempts ?? 0) > drainAttempts;
  const ready = worker !== undefined && drained && isReady(record, worker, observation);
  if (!ready && left > releaseReserveMs) {
    return waiting(
      Math.min(1000, left - releaseReserveMs),
      'waiting for the replacement',
      'the old instance still works',
    );
  }
  const task = taskOf(holder, observation, 'release');
  if (task?.state === 'running')
    return waiting(restMs, 'releasing the old instance', partingWords(record.specification).what);
  if (!isConnected(holder, observation)) {
    return waiting(
      500,
      'waiting for the old instance to end',
      `${holder.instanceId} cannot be reached any more`,
    );
  }
  if (
    refusesRelease(task, releaseAttempts) &&
    ready &&
    holder.instanceId !== undefined &&
    observation.cloud !== undefined
  ) {
    // Its own shutdown ends what keeps the volumes busy and unmounts them.
    const reason = `its volumes stay busy: ${task?.difficulty?.message ?? ''}`;
    const step = { kind: 'terminate-instance', instanceId: holder.instanceId, reason } as const;
    return doing(step, `terminating ${holder.instanceId}`, reason);
  }
  if (task?.state === 'failed' && observation.now - task.since < retryPauseMs(task.attempts)) {
    return waiting(500, 'releasing the old instance again', task.difficulty?.message ?? 'it failed');
  }
  const timeoutMs = Math.max(3000, Math.min(60_000, left - 10_000));
  const reason = ready ? 'the replacement is ready' : 'its end is near';
  return doing(
    { kind: 'release', generation: holder.number, timeoutMs },
    'releasing the old instance',
    reason,
  );
}

/** The replacement can take over without waiting for anything but the volumes. */
function isReady(record: PortalRecord, worker: GenerationRecord, observation: Observation): boolean {
  if (!isConnected(worker, observation)) return false;
  if (!wantsPackages(record) || packagesOnVolume(record) || worker.packagesAt !== undefined) return true;
  return taskOf(worker, observation, 'install-packages')?.state === 'failed';
}

function detachFromOthers(
  record: PortalRecord,
  worker: GenerationRecord | undefined,
  observation: Observation,
): Decision | undefined {
  for (const other of record.generations) {
    if (other === worker || other.instanceId === undefined) continue;
    for (const volume of attachedTo(other, record, observation)) {
      const state = volume.attachment?.state;
      const { instanceId } = other;
      const gone = other.goneAt !== undefined;
      const neverMounted =
        other.mountingAt === undefined && other.number !== record.holder && other.notice !== undefined;
      const mayDetach = gone
        ? observation.now - (other.goneAt ?? 0) > detachByItselfMs
        : other.releasedAt !== undefined || neverMounted;
      if (mayDetach && state === 'attached' && (gone || standing(other, observation) === 'running')) {
        const step = { kind: 'detach-volume', volumeId: volume.id, instanceId } as const;
        return doing(step, `detaching ${volume.id}`, `it moves away from ${instanceId}`);
      }
      const words = { what: `waiting for ${volume.id}`, reason: `${state} on ${instanceId}` };
      return awaiting(observation, 'volume to be detached', volume.id, words, instanceId);
    }
  }
  return undefined;
}

/** It was begun to mount it, or to format it, and no look at the instance has shown that it is not mounted. */
function mayBeMounted(generation: GenerationRecord, volume: CloudVolume, observation: Observation): boolean {
  if (generation.mountingAt === undefined) return false;
  const mount = seen(generation, observation)?.mounts?.find((one) => one.volumeId === volume.id);
  return mount?.mounted !== false || taskOf(generation, observation, 'mount-volumes')?.state === 'running';
}

function attachAll(
  record: PortalRecord,
  worker: GenerationRecord,
  observation: Observation,
): Decision | undefined {
  if (record.specification.persistent_volumes.length === 0) return undefined;
  if (observation.cloud === undefined || standing(worker, observation) !== 'running') return undefined;
  return firstAction(
    observation,
    record.specification.persistent_volumes.map(({ volume_id: id }) => () => {
      const decision = attach(record, worker, id, observation);
      if (decision?.step.kind !== 'wait' || worker.hungAttachments === undefined) return decision;
      return { ...decision, trouble: hungAttachment(id, worker.instanceId ?? '') };
    }),
  );
}

function attach(
  record: PortalRecord,
  worker: GenerationRecord,
  id: string,
  observation: Observation,
): Decision | undefined {
  const volume = observation.cloud?.volumes.get(id);
  const what = `waiting for ${id}`;
  if (volume === undefined) {
    const words = { what, reason: 'EC2 does not show the volume' };
    return awaiting(observation, 'volume to be shown', id, words);
  }
  const { attachment } = volume;
  if (attachment === undefined) {
    if (volume.state !== 'available') {
      const awaited = volume.state === 'error' ? 'failed volume' : 'volume to be available';
      return awaiting(
        observation,
        awaited,
        id,
        { what, reason: `the volume is ${volume.state}` },
        volume.state,
      );
    }
    // Only to a machine whose host key was verified: by its tags, somebody else's could have been taken for ours.
    if (!isConnected(worker, observation)) return undefined;
    const step = { kind: 'attach-volume', generation: worker.number, volumeId: id } as const;
    return doing(step, `attaching ${id}`, `to ${worker.instanceId}`);
  }
  const { instanceId, state } = attachment;
  if (instanceId !== worker.instanceId) {
    if (record.generations.some((one) => one.instanceId === instanceId)) return undefined;
    const words = { what, reason: `it is attached to ${instanceId}, which is not this portal's` };
    return awaiting(observation, 'volume to be free', id, words, instanceId);
  }
  if (state === 'attached') return undefined;
  const hangs = state === 'attaching' && observation.now - attachment.since > stuckAttachingMs;
  // Mounted while EC2 was silent, it is attached, whatever EC2 says of it.
  if (hangs && !mayBeMounted(worker, volume, observation)) {
    const step = { kind: 'detach-volume', volumeId: id, instanceId, hungOn: worker.number } as const;
    return doing(step, `detaching ${id}`, 'its attachment hangs');
  }
  const isMounted = seen(worker, observation)?.mounts?.some((one) => one.volumeId === id && one.mounted);
  const awaited =
    state === 'attaching'
      ? 'volume to be attached'
      : isMounted === true
        ? 'mounted volume to be detached'
        : 'volume to be detached';
  return awaiting(observation, awaited, id, { what, reason: `${state} on ${instanceId}` }, instanceId);
}

function hungAttachment(id: string, instanceId: string): NonNullable<Decision['trouble']> {
  return {
    kind: 'volume',
    message: `EC2 does not come to an end with attaching ${id} to ${instanceId}; portald tries it again`,
    hint: 'if that goes on, end the instance in the EC2 console: portald takes another one; or close the portal, and restore a snapshot of the volume',
  };
}

/** What is mounted is looked at now and then, and when a channel has missed it. */
const lookEveryMs = 30_000;

function isLookDue(worker: GenerationRecord, observation: Observation): boolean {
  const { mountsAt = observation.now } = seen(worker, observation) ?? {};
  // One under way is in time for both.
  if (taskOf(worker, observation, 'inspect-volumes')?.state === 'running') return false;
  if (taskOf(worker, observation, 'mount-volumes')?.state === 'running') return false;
  return observation.now - mountsAt >= lookEveryMs || (observation.unmountedAt ?? 0) > mountsAt;
}

function mountAll(
  record: PortalRecord,
  worker: GenerationRecord,
  observation: Observation,
): Decision | undefined {
  const { number } = worker;
  if (!isConnected(worker, observation)) return undefined;
  const holder = holderOf(record);
  const taken =
    holder !== undefined &&
    holder !== worker &&
    holder.goneAt === undefined &&
    holder.releasedAt === undefined;
  if (taken) return undefined;
  const volumes = record.specification.persistent_volumes;
  if (volumes.length > 0) {
    const attached = attachedTo(worker, record, observation).filter(
      (one) => one.attachment?.state === 'attached',
    );
    if (observation.cloud !== undefined && attached.length < volumes.length) return undefined;
    const mounts = seen(worker, observation)?.mounts;
    if (mounts === undefined) {
      const isMounting = taskOf(worker, observation, 'mount-volumes')?.state === 'running';
      // What was never begun here has not to be looked for: mounting finds out for itself, and the user waits for it.
      if (isMounting || (worker.mountingAt === undefined && observation.cloud !== undefined)) {
        return pacedTask(record, worker, observation, 'mount-volumes', 'mounting the volumes');
      }
      return pacedTask(record, worker, observation, 'inspect-volumes', 'looking at the volumes');
    }
    if (record.holder === number && isLookDue(worker, observation))
      return pacedTask(record, worker, observation, 'inspect-volumes', 'looking at the volumes');
    if (!mounts.every((mount) => mount.mounted)) {
      // While EC2 does not tell that they are attached, the instance must show them: an opening that failed to mount what
      // was not there would be given up for EC2's silence.
      if (observation.cloud === undefined && mounts.some((mount) => mount.device === undefined)) {
        return undefined;
      }
      return pacedTask(record, worker, observation, 'mount-volumes', 'mounting the volumes');
    }
  }
  if (record.holder === number) return undefined;
  return doing(
    { kind: 'hold', generation: number },
    'taking the volumes over',
    `${worker.instanceId} has them mounted`,
  );
}
