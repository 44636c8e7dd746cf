// The engine under the loop, the work beside it, and the channels as one thing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startRunner } from '../../daemon/portal/runner.ts';
import { createTaskBoard } from '../../daemon/portal/task-board.ts';
import { PortalError } from '../../protocol/errors.ts';

const now = (): number => performance.now();

test('a loop ticks while no turn takes without end and none is overdue', async () => {
  let ticksMs = 0;
  let end = (): void => undefined;
  const runner = startRunner(
    async () => {
      await new Promise<void>((resolve) => (end = resolve));
      return 1_000_000;
    },
    () => ticksMs,
  );
  assert.equal(runner.isTicking(), true);
  ticksMs = 9 * 60_000;
  assert.equal(runner.isTicking(), true, 'a long turn');
  ticksMs = 11 * 60_000;
  assert.equal(runner.isTicking(), false, 'one without end');
  end();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(runner.isTicking(), true, 'it ended after all');
  ticksMs += 1_000_000 + 30_000;
  assert.equal(runner.isTicking(), true, 'the next is a little late');
  ticksMs += 60_000;
  assert.equal(runner.isTicking(), false, 'or does not come');
  await runner.stop();
  assert.equal(runner.isTicking(), true, 'nothing is awaited of a loop that was ended');
});

test('turns never overlap, and many kicks during one cause one more', async () => {
  let running = 0;
  let turns = 0;
  let overlaps = 0;
  const waiting: (() => void)[] = [];
  const runner = startRunner(async () => {
    running += 1;
    turns += 1;
    if (running > 1) overlaps += 1;
    await new Promise<void>((resolve) => waiting.push(resolve));
    running -= 1;
    return 1_000_000;
  }, now);
  const finishTurn = async (): Promise<void> => {
    waiting.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
  };
  for (let kicks = 0; kicks < 10; kicks++) runner.kick();
  await finishTurn();
  assert.equal(turns, 2, 'the kicks caused another turn at once');
  await finishTurn();
  assert.equal(turns, 2, 'and only one');
  runner.kick();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(turns, 3, 'a kick ends the pause');
  const stopped = runner.stop();
  await finishTurn();
  await stopped;
  runner.kick();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(turns, 3, 'nothing runs after stop');
  assert.equal(overlaps, 0);
});

function board() {
  const ended: string[] = [];
  const tasks = createTaskBoard({
    now: () => 7,
    ended: () => ended.push('ended'),
    unexpected: (error) => new PortalError('internal', `bug: ${String(error)}`, { id: '1' }),
  });
  return { tasks, ended };
}

test('a task of a kind runs once at a time per generation, and failures are counted', async () => {
  const { tasks, ended } = board();
  let started = 0;
  const { promise, reject } = Promise.withResolvers<void>();
  const work = (): Promise<void> => {
    started += 1;
    return promise;
  };
  tasks.start(1, 'mount-volumes', work);
  tasks.start(1, 'mount-volumes', work);
  tasks.start(2, 'mount-volumes', () => Promise.resolve());
  assert.equal(started, 1);
  assert.equal(tasks.statuses(1).get('mount-volumes')?.state, 'running');
  reject(new PortalError('mount', 'busy', { hint: 'wait' }));
  await new Promise((resolve) => setImmediate(resolve));
  const failed = tasks.statuses(1).get('mount-volumes');
  assert.deepEqual(failed, {
    state: 'failed',
    attempts: 1,
    since: 7,
    difficulty: { kind: 'mount', message: 'busy', hint: 'wait', since: 7 },
  });
  tasks.start(1, 'mount-volumes', () => Promise.reject(new Error('unforeseen')));
  await new Promise((resolve) => setImmediate(resolve));
  const again = tasks.statuses(1).get('mount-volumes');
  assert.equal(again?.attempts, 2);
  assert.equal(again?.difficulty?.kind, 'internal');
  assert.equal(ended.length, 3);
});

test('ending a generation aborts its tasks, waits for them and forgets them', async () => {
  const { tasks } = board();
  const order: string[] = [];
  tasks.start(1, 'drain', async (signal) => {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    order.push('drain ended');
  });
  tasks.start(2, 'drain', () => Promise.resolve());
  await tasks.clear(1);
  order.push('cleared');
  assert.deepEqual(order, ['drain ended', 'cleared']);
  assert.equal(tasks.statuses(1).size, 0);
  assert.equal(tasks.statuses(2).size, 1);
});

test('once all is ended, a turn that was still under way starts no task that would outlive it', async () => {
  const { tasks } = board();
  let isAborted = false;
  tasks.start(1, 'drain', async (signal) => {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    isAborted = true;
  });
  await tasks.end();
  assert.equal(isAborted, true);
  let started = 0;
  tasks.start(1, 'drain', async () => void (started += 1));
  tasks.start(2, 'release', async () => void (started += 1));
  assert.equal(started, 0);
  assert.equal(tasks.statuses(1).size, 0);
});
