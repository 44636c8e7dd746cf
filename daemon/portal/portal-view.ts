// What clients are shown of a portal, from its record and the last observation. Pure.

import { errorKinds } from '../../protocol/errors.ts';
import type {
  ChannelView,
  InstanceView,
  PortalState,
  PortalView,
  ProblemView,
  VolumeView,
} from '../../protocol/portal-view.ts';
import { isCloudWorthTelling } from './cloud-trouble.ts';
import type { Difficulty } from './gateways.ts';
import { type LaunchTrouble, launchTrouble } from './launch-trouble.ts';
import { isWorthTelling, metadataTrouble } from './link-trouble.ts';
import { loginBy } from './login.ts';
import type { Observation } from './observation.ts';
import type { GenerationRecord, PortalRecord } from './record.ts';
import { pendingFields } from './reload.ts';
import { instanceOf, seen, spareOf, workerOf } from './standing.ts';

export function stateOf(record: PortalRecord): PortalState {
  if (record.wish === 'closed') {
    if (record.closedAt === undefined) return 'closing';
    return record.failure === undefined ? 'closed' : 'failed';
  }
  const worker = workerOf(record);
  if (worker?.readyAt !== undefined && record.holder === worker.number) return 'open';
  return record.everOpen ? 'recovering' : 'opening';
}

export interface CurrentStep {
  readonly what: string;
  readonly reason: string;
  readonly since: number;
}

export function portalView(
  record: PortalRecord,
  observation: Observation | undefined,
  step: CurrentStep,
  channels: readonly ChannelView[],
  stepTrouble: Difficulty | undefined,
): PortalView {
  const worker = workerOf(record);
  const holder = record.generations.find((one) => one.number === record.holder);
  const shown = holder?.goneAt === undefined ? (holder ?? worker) : worker;
  const login = shown?.login ?? loginBy(record.specification);
  const pending = pendingFields(record);
  const instance = shown && instanceView(shown, observation);
  const link = shown && observation && seen(shown, observation)?.link;
  const next = worker !== shown ? worker : spareOf(record);
  const replacement = next && instanceView(next, observation);
  const notice = holder?.goneAt === undefined ? holder?.notice : undefined;
  const problem = problemOf(record, worker, observation, stepTrouble, channels);
  return {
    name: record.name,
    state: stateOf(record),
    step: { what: step.what, reason: step.reason, since: iso(step.since) },
    specificationPath: record.specificationPath,
    user: login.user,
    ssh: {
      port: login.port,
      identityFile: login.identityFile,
      ...(link?.knownHostsFile !== undefined && { knownHostsFile: link.knownHostsFile }),
    },
    openedAt: iso(record.openedAt),
    generation: shown?.number ?? 0,
    volumes: record.specification.persistent_volumes.map((one) => volumeView(one, shown, observation)),
    channels,
    ...(instance !== undefined && { instance }),
    ...(replacement !== undefined && { replacement }),
    ...(notice !== undefined && {
      interruption: { deadline: iso(notice.deadline), seenBy: notice.seenBy, seenAt: iso(notice.seenAt) },
    }),
    ...(pending.length > 0 && { pending }),
    ...(shown?.onOpenFailure !== undefined && { onOpenFailure: shown.onOpenFailure }),
    ...(problem !== undefined && { problem }),
  };
}

function instanceView(
  generation: GenerationRecord,
  observation: Observation | undefined,
): InstanceView | undefined {
  if (generation.instanceId === undefined) return undefined;
  const found = observation && instanceOf(generation, observation);
  return {
    id: generation.instanceId,
    type: found?.type ?? generation.request.instanceTypes.join(' or '),
    zone: generation.request.zone,
    state: found?.state ?? 'unknown',
    ...(found?.address !== undefined && { address: found.address }),
    ...(found?.launchedAt !== undefined && { launchedAt: iso(found.launchedAt) }),
  };
}

function volumeView(
  volume: PortalRecord['specification']['persistent_volumes'][number],
  shown: GenerationRecord | undefined,
  observation: Observation | undefined,
): VolumeView {
  const { cloud } = observation ?? {};
  const found = cloud?.volumes.get(volume.volume_id);
  const name = found?.tags['Name'] ?? '';
  const base = {
    id: volume.volume_id,
    mountPoint: volume.mount_point,
    ...(name !== '' && { name }),
    ...(found?.sizeGiB !== undefined && { sizeGiB: found.sizeGiB }),
  };
  const mounts = shown && observation && seen(shown, observation)?.mounts;
  if (mounts?.some((one) => one.volumeId === volume.volume_id && one.mounted) === true) {
    return { ...base, state: 'mounted' };
  }
  if (found === undefined) return { ...base, state: cloud === undefined ? 'unknown' : 'missing' };
  switch (found.attachment?.state) {
    case undefined:
      return { ...base, state: 'detached' };
    case 'busy':
    case 'detaching':
      return { ...base, state: 'detaching' };
    default:
      return { ...base, state: found.attachment?.state ?? 'unknown' };
  }
}

function problemOf(
  record: PortalRecord,
  worker: GenerationRecord | undefined,
  observation: Observation | undefined,
  stepTrouble: Difficulty | undefined,
  channels: readonly ChannelView[],
): ProblemView | undefined {
  if (record.failure !== undefined) return problem({ ...record.failure, since: record.failure.at });
  if (record.closedAt !== undefined) return undefined;
  const cloud = observation?.cloudDifficulty;
  if (observation !== undefined && cloud !== undefined && isCloudWorthTelling(cloud, observation.now))
    return problem(cloud);
  const launch = observation && launchTrouble(record, worker, observation.now);
  // What is said of the attempt that is under way is newer than what came of the last one.
  const trouble = worker === undefined ? (launch ?? stepTrouble) : (stepTrouble ?? launch);
  if (trouble !== undefined) return problem(trouble);
  const onInstance = worker && observation && seen(worker, observation);
  const link = onInstance?.link;
  if (
    link?.difficulty !== undefined &&
    isWorthTelling(link, worker?.readyAt !== undefined, observation?.now ?? 0)
  ) {
    return problem(link.difficulty);
  }
  for (const task of onInstance?.tasks.values() ?? []) {
    if (task.state === 'failed' && task.difficulty !== undefined) return problem(task.difficulty);
  }
  const channel = channels.find((one) => one.error !== undefined);
  if (channel?.error !== undefined) {
    const since = Date.parse(channel.failingSince ?? '');
    return problem({ kind: 'channel', message: `channel ${channel.index}: ${channel.error}`, since });
  }
  const metadata = link && metadataTrouble(link, observation?.now ?? 0);
  const without = metadata ?? observation?.cloud?.without;
  return without && problem(without);
}

function problem(difficulty: LaunchTrouble): ProblemView {
  const { nextAttemptAt } = difficulty;
  return {
    kind: difficulty.kind,
    message: difficulty.message,
    retryable: errorKinds[difficulty.kind].retryable,
    since: iso(difficulty.since),
    ...(difficulty.hint !== undefined && { hint: difficulty.hint }),
    ...(nextAttemptAt !== undefined && { nextAttemptAt: iso(nextAttemptAt) }),
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
