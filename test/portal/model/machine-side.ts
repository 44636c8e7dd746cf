// The daemon's connections and tasks as time passes: how they end, and what they change.
import { type GenerationRecord, type PortalRecord, withGeneration } from '../../../daemon/portal/record.ts';
import type { TaskKind } from '../../../daemon/portal/steps.ts';
import type { Chance } from './chance.ts';
import { endTask, type Link, type Memory, type Task } from './memory.ts';
import { isAlive, type Machine, type Region } from './region.ts';

export interface Life {
  record: PortalRecord;
  memory: Memory;
  readonly region: Region;
  readonly chance: Chance;
  /** As in `Observation`. */
  readonly earlyReplacementMs: number;
  /** While true, things go wrong. */
  stormy: boolean;
}

export function machineOf(life: Life, generation: number): Machine | undefined {
  const id = life.record.generations.find((one) => one.number === generation)?.instanceId;
  return life.region.machines.find((one) => one.id === id);
}

export function changeGeneration(life: Life, number: number, change: Partial<GenerationRecord>): void {
  life.record = withGeneration(life.record, number, change);
}

/** Brings connections and tasks up to the region's time. */
export function catchUp(life: Life): void {
  for (const [number, link] of life.memory.links) catchUpLink(life, number, link);
  for (const [number, board] of life.memory.tasks) {
    for (const [kind, task] of board) {
      if (task.status.state === 'running') catchUpTask(life, number, kind, task);
    }
  }
}

function catchUpLink(life: Life, number: number, link: Link): void {
  const { now, machines } = life.region;
  const machine = machines.find((one) => one.id === link.instanceId);
  const answers = machine?.state === 'running' && machine.reachable && now >= machine.bootedAt;
  if (link.status.state === 'connected' && !answers) {
    link.status = { ...link.status, state: 'connecting', since: now, failedAttempts: 0 };
    link.nextAttemptAt = now + 1000;
    forgetMounts(life, number);
    for (const task of life.memory.tasks.get(number)?.values() ?? []) {
      if (task.status.state === 'running') endTask(task, 'failed', now, 'ssh');
    }
  }
  while (link.status.state === 'connecting' && now >= link.nextAttemptAt) {
    link.nextAttemptAt += 3000;
    if (!answers) link.status = { ...link.status, failedAttempts: link.status.failedAttempts + 1 };
    else {
      const hostKey = 'ssh-ed25519 MET';
      link.status = { ...link.status, state: 'connected', since: now, failedAttempts: 0, hostKey };
      link.transportFrom = now + life.chance.between(0, 1000);
      forgetMounts(life, number);
    }
  }
  if (link.status.state !== 'connected' || machine === undefined) return;
  link.status = { ...link.status, rebalanceRecommended: machine.rebalanced };
  const { notice } = machine;
  if (notice === undefined || now < notice.inMetadataFrom) return;
  link.status = { notice: { action: 'terminate', deadline: notice.deadline }, ...link.status };
}

function forgetMounts({ memory }: Life, number: number): void {
  memory.mounts.delete(number);
  if (memory.channelsOn === number) memory.channelsOn = 0;
}

/** Volumes that the instance has as devices. */
function attached(life: Life, machine: Machine | undefined): Set<string> {
  const { volumes } = life.region;
  return new Set(
    volumes
      .filter((one) => one.attachment?.instanceId === machine?.id && one.attachment?.state === 'attached')
      .map((one) => one.id),
  );
}

function inspect(life: Life, number: number): void {
  const machine = machineOf(life, number);
  const devices = attached(life, machine);
  const states = life.region.volumes.map(({ id }) => ({
    volumeId: id,
    ...(devices.has(id) && { device: '/dev/nvme1n1' }),
    mounted: machine?.mounted.has(id) === true,
    occupied: false,
  }));
  life.memory.mounts.set(number, states);
}

function catchUpTask(life: Life, number: number, kind: TaskKind, task: Task): void {
  const { now } = life.region;
  const machine = machineOf(life, number);
  if (kind === 'mount-volumes') mountSome(life, machine, task);
  if (kind === 'drain') drainOn(life, number, task);
  if (kind === 'release') unmountSome(life, machine, task);
  if (now < task.endsAt) return;
  if (task.fails || machine === undefined || !isAlive(machine)) {
    endTask(task, 'failed', now);
    return;
  }
  switch (kind) {
    case 'inspect-volumes':
      inspect(life, number);
      break;
    case 'mount-volumes':
      if (machine.mounted.size < life.region.volumes.length) {
        endTask(task, 'failed', now);
        return;
      }
      inspect(life, number);
      break;
    case 'confirm-host-key': {
      // Now and then what answered was a false machine.
      const isFalse = life.stormy && life.chance.happens(0.03);
      changeGeneration(life, number, isFalse ? { hostKeyDisprovedAt: now } : { hostKeyConfirmedAt: now });
      break;
    }
    case 'install-packages':
      changeGeneration(life, number, { packagesAt: now });
      break;
    case 'run-on-open':
      changeGeneration(life, number, { onOpenAt: now });
      break;
    case 'release':
      changeGeneration(life, number, { releasedAt: now });
      break;
    case 'drain':
      return;
  }
  endTask(task, 'done', now);
}

/** One volume after the other; the last only at the end, and never if the task fails. */
function mountSome(life: Life, machine: Machine | undefined, task: Task): void {
  const { now, volumes } = life.region;
  if (machine === undefined) return;
  const devices = attached(life, machine);
  // Nothing is mounted before the instance shows every volume.
  if (devices.size < volumes.length) {
    task.endsAt = Math.max(task.endsAt, Math.min(now + 1000, task.startedAt + 30_000));
    return;
  }
  const share = (now - task.startedAt) / Math.max(1, task.endsAt - task.startedAt);
  const count = Math.min(volumes.length, Math.floor(share * volumes.length));
  const last = task.fails ? volumes.length - 1 : volumes.length;
  for (const { id } of volumes.slice(0, Math.min(count, last))) machine.mounted.add(id);
}

/** In the mounting's opposite order; one that fails keeps the first volume. */
function unmountSome(life: Life, machine: Machine | undefined, task: Task): void {
  const { now, volumes } = life.region;
  if (machine === undefined || now < task.endsAt) return;
  for (const { id } of volumes.slice(task.fails ? 1 : 0)) machine.mounted.delete(id);
}

/** The user's commands, then the last inbound synchronisation, then flushing until it is stopped. */
function drainOn(life: Life, number: number, task: Task): void {
  const { now } = life.region;
  if (task.fixture === 0 && now >= task.startedAt + 2000) {
    task.fixture = 1;
    changeGeneration(life, number, { interruptionCommandsAt: now });
  }
  if (task.fixture === 1 && now >= task.startedAt + 5000) {
    task.fixture = 2;
    changeGeneration(life, number, { drainedAt: now });
  }
}
