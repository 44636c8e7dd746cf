// What the daemon knows of a portal beside its record, and forgets when it ends: connections, what is mounted, tasks,
// what it has counted. The rules are those of observe.ts, task-board.ts and disconnect.ts.
import type { CloudSnapshot } from '../../../daemon/portal/cloud.ts';
import type { LinkStatus, MountState } from '../../../daemon/portal/gateways.ts';
import type { Absence, TaskStatus } from '../../../daemon/portal/observation.ts';
import type { Shown } from '../../../daemon/portal/shown-since.ts';
import { createStepTrouble, type StepTrouble } from '../../../daemon/portal/step-trouble.ts';
import type { TaskKind } from '../../../daemon/portal/steps.ts';

export interface Task {
  status: TaskStatus;
  readonly startedAt: number;
  /** When it ends by itself. */
  endsAt: number;
  readonly fails: boolean;
  /** Steps on the way that were taken. */
  fixture: number;
}

export interface Link {
  readonly instanceId: string;
  status: LinkStatus;
  nextAttemptAt: number;
  transportFrom: number;
}

export interface Memory {
  readonly links: Map<number, Link>;
  readonly mounts: Map<number, readonly MountState[]>;
  readonly tasks: Map<number, Map<TaskKind, Task>>;
  readonly absences: Map<string, Absence>;
  readonly shown: Map<string, Shown>;
  channelsOn: number;
  snapshot?: CloudSnapshot;
  countedRound: number;
  actedAt: number;
  restedMs: number;
  readonly trouble: StepTrouble;
}

export function createMemory(now: () => number): Memory {
  return {
    links: new Map(),
    mounts: new Map(),
    tasks: new Map(),
    absences: new Map(),
    shown: new Map(),
    channelsOn: 0,
    countedRound: 0,
    actedAt: 0,
    restedMs: 5000,
    trouble: createStepTrouble(now),
  };
}

export function taskIn(memory: Memory, generation: number, kind: TaskKind): Task | undefined {
  return memory.tasks.get(generation)?.get(kind);
}

/** Starts a task unless one of its kind runs. */
export function startTask(
  memory: Memory,
  now: number,
  generation: number,
  kind: TaskKind,
  plan: { readonly ms: number; readonly fails: boolean },
): void {
  const board = memory.tasks.get(generation) ?? new Map<TaskKind, Task>();
  memory.tasks.set(generation, board);
  const earlier = board.get(kind)?.status;
  if (earlier?.state === 'running') return;
  const attempts = (earlier?.state === 'failed' ? earlier.attempts : 0) + 1;
  board.set(kind, {
    status: { state: 'running', attempts, since: now },
    startedAt: now,
    endsAt: now + plan.ms,
    fails: plan.fails,
    fixture: 0,
  });
}

/** `kind`: why it failed; `ssh` for a connection that was lost. */
export function endTask(
  task: Task,
  state: 'done' | 'failed',
  now: number,
  kind: 'mount' | 'ssh' = 'mount',
): void {
  const { attempts } = task.status;
  const difficulty = { kind, message: 'it failed', since: now } as const;
  task.status = { state, attempts, since: now, ...(state === 'failed' && { difficulty }) };
}

/** Everything held on one instance ends. */
export function disconnect(memory: Memory, generation: number): void {
  if (memory.channelsOn === generation) memory.channelsOn = 0;
  memory.links.delete(generation);
  memory.mounts.delete(generation);
  memory.tasks.delete(generation);
}
