// What makes an instance with its volumes the user's portal: channels, packages, the user's own commands.
import { restMs } from './awaiting.ts';
import type { Observation } from './observation.ts';
import { pacedTask } from './paced-task.ts';
import type { GenerationRecord, PortalRecord } from './record.ts';
import {
  doing,
  firstAction,
  isConnected,
  packagesOnVolume,
  seen,
  taskOf,
  waiting,
  wantsPackages,
} from './standing.ts';
import type { Decision } from './steps.ts';

/** Packages that do not lie on a volume are installed while the volumes are still elsewhere. */
export function decidePackagesAhead(
  record: PortalRecord,
  worker: GenerationRecord,
  observation: Observation,
): Decision | undefined {
  return packagesOnVolume(record) ? undefined : installPackages(record, worker, observation);
}

export function decideEquipping(
  record: PortalRecord,
  worker: GenerationRecord,
  observation: Observation,
): Decision | undefined {
  if (record.holder !== worker.number || !isConnected(worker, observation)) return undefined;
  return firstAction(observation, [
    () => startChannels(record, worker, observation),
    () => (packagesOnVolume(record) ? installPackages(record, worker, observation) : undefined),
    () => finishOpening(record, worker, observation),
  ]);
}

function startChannels(
  record: PortalRecord,
  worker: GenerationRecord,
  observation: Observation,
): Decision | undefined {
  if (record.specification.channels.length === 0 || observation.channelsOn === worker.number)
    return undefined;
  const mounts = seen(worker, observation)?.mounts;
  // What is sent to a mount point without its volume would land on the root file system and be lost with it.
  const mounted =
    record.specification.persistent_volumes.length === 0 || mounts?.every((one) => one.mounted) === true;
  if (!mounted) return undefined;
  if (seen(worker, observation)?.transport !== true) {
    return waiting(500, 'waiting for the shared SSH connection', `to ${worker.instanceId}`);
  }
  return doing(
    { kind: 'start-channels', generation: worker.number },
    'starting the channels',
    'the volumes are mounted',
  );
}

function installPackages(
  record: PortalRecord,
  worker: GenerationRecord,
  observation: Observation,
): Decision | undefined {
  if (!wantsPackages(record) || worker.packagesAt !== undefined || !isConnected(worker, observation))
    return undefined;
  return pacedTask(record, worker, observation, 'install-packages', 'installing the Python packages');
}

function finishOpening(
  record: PortalRecord,
  worker: GenerationRecord,
  observation: Observation,
): Decision | undefined {
  if (worker.readyAt !== undefined) return undefined;
  // After a handover the portal is usable without them; pip goes on beside it.
  if (wantsPackages(record) && worker.packagesAt === undefined && !record.everOpen) return undefined;
  if ((record.specification.on_open?.length ?? 0) > 0 && worker.onOpenAt === undefined) {
    if (taskOf(worker, observation, 'run-on-open')?.state === 'running') {
      return waiting(restMs, 'running on_open', `on ${worker.instanceId}`);
    }
    return doing(
      { kind: 'run-on-open', generation: worker.number },
      'running on_open',
      `on ${worker.instanceId}`,
    );
  }
  return doing({ kind: 'note-ready', generation: worker.number }, 'open', `on ${worker.instanceId}`);
}
