// How busy this machine was, and how often EC2 was asked: figures of time mean little without.
import { cpus } from 'node:os';
import type { ProgramsFixture } from '../fixture/programs-fixture.ts';

/** Starts measuring; the returned function tells which share of the CPUs' time was used since. */
export function measureCpu(): () => number {
  const times = (): { all: number; idle: number } => {
    const sums = { all: 0, idle: 0 };
    for (const { times: one } of cpus()) {
      sums.idle += one.idle;
      sums.all += one.user + one.nice + one.sys + one.irq + one.idle;
    }
    return sums;
  };
  const before = times();
  return () => {
    const now = times();
    return 1 - (now.idle - before.idle) / (now.all - before.all);
  };
}

/** Calls of EC2 in a second since `sinceMs`: of all kinds on average and at most, and of each kind at most. */
export async function callsOf(
  { control }: ProgramsFixture,
  sinceMs: number,
): Promise<{ average: number; most: number; kinds: [string, number][] }> {
  const journal = await control.get<{ calls: { time: string; action: string }[] }>('calls');
  const calls = journal.calls.filter((one) => Date.parse(one.time) >= sinceMs);
  const most = (times: readonly string[]): number => {
    const seconds = new Map<string, number>();
    for (const time of times) seconds.set(time.slice(0, 19), (seconds.get(time.slice(0, 19)) ?? 0) + 1);
    return Math.max(0, ...seconds.values());
  };
  const times = calls.map((one) => one.time);
  const lastedMs = Date.parse(times.at(-1) ?? '') - Date.parse(times[0] ?? '');
  const byKind = Map.groupBy(calls, (one) => one.action);
  const kinds = [...byKind].map(([kind, some]): [string, number] => [
    kind,
    most(some.map((one) => one.time)),
  ]);
  return {
    average: (calls.length * 1000) / lastedMs,
    most: most(times),
    kinds: kinds.toSorted((left, right) => right[1] - left[1]),
  };
}
