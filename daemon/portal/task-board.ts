// Work that runs on beside a portal's loop: at most one task of a kind per generation, each with an owner that can
// end it. Outcomes are kept for `decide` to see.
import { PortalError } from '../../protocol/errors.ts';
import type { Difficulty } from './gateways.ts';
import type { TaskStatus } from './observation.ts';
import type { TaskKind } from './steps.ts';

export interface TaskBoard {
  /** Starts `work`; ignored while one of the same kind runs. Never throws; the outcome is in `statuses`. */
  start(generation: number, kind: TaskKind, work: (signal: AbortSignal) => Promise<void>): void;
  statuses(generation: number): ReadonlyMap<TaskKind, TaskStatus>;
  /** Aborts a running task and resolves once it has ended. */
  stop(generation: number, kind: TaskKind): Promise<void>;
  /** Aborts everything of a generation and forgets it. */
  clear(generation: number): Promise<void>;
  /** Aborts everything, for good: what is started from now on is ignored. */
  end(): Promise<void>;
}

interface Task {
  status: TaskStatus;
  readonly abort: AbortController;
  done: Promise<void>;
}

export function createTaskBoard(parts: {
  now: () => number;
  ended: () => void;
  unexpected: (error: unknown, doing: string) => PortalError;
}): TaskBoard {
  const { now, ended, unexpected } = parts;
  const boards = new Map<number, Map<TaskKind, Task>>();
  let over = false;

  const run = async (
    task: Task,
    kind: TaskKind,
    work: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> => {
    try {
      await work(task.abort.signal);
      task.status = { state: 'done', attempts: task.status.attempts, since: now() };
    } catch (error) {
      const difficulty = toDifficulty(error instanceof PortalError ? error : unexpected(error, kind), now());
      task.status = { state: 'failed', attempts: task.status.attempts, since: now(), difficulty };
    }
    ended();
  };

  const clear = async (generations: readonly number[]): Promise<void> => {
    const tasks = generations.flatMap((one) => [...(boards.get(one)?.values() ?? [])]);
    for (const task of tasks) task.abort.abort();
    await Promise.all(tasks.map((task) => task.done));
    for (const one of generations) boards.delete(one);
  };

  return {
    start(generation, kind, work) {
      if (over) return;
      const board = boards.get(generation) ?? new Map<TaskKind, Task>();
      boards.set(generation, board);
      const earlier = board.get(kind)?.status;
      if (earlier?.state === 'running') return;
      const attempts = (earlier?.state === 'failed' ? earlier.attempts : 0) + 1;
      const task: Task = {
        status: { state: 'running', attempts, since: now() },
        abort: new AbortController(),
        done: Promise.resolve(),
      };
      board.set(kind, task);
      task.done = run(task, kind, work);
    },
    statuses(generation) {
      return new Map([...(boards.get(generation) ?? [])].map(([kind, task]) => [kind, task.status]));
    },
    async stop(generation, kind) {
      const task = boards.get(generation)?.get(kind);
      task?.abort.abort();
      await task?.done;
    },
    clear: (generation) => clear([generation]),
    end() {
      over = true;
      return clear([...boards.keys()]);
    },
  };
}

/** An error as a standing difficulty. */
export function toDifficulty(error: PortalError, since: number): Difficulty {
  return {
    kind: error.kind,
    message: error.message,
    since,
    ...(error.hint !== undefined && { hint: error.hint }),
  };
}
