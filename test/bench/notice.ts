// How long an interruption notice takes to be seen with one portal: by the instance's metadata, and, with SSH swallowed
// by a black hole, by the spot request's status. Run it with: node test/bench/notice.ts [notices of each]
import { setTimeout as sleep } from 'node:timers/promises';
import { startCrashFixture } from '../crash/crash-fixture.ts';
import { type User, userOf } from '../crash/user.ts';
import { eventually } from '../fixture/eventually.ts';

const count = Number(process.argv[2] ?? 100);
const fixture = await startCrashFixture({ configuration: 'log_level: info\n' });
const { control } = fixture.programs;

/** When portald said that it has seen the notice, and by which witness. */
function seen(instanceId: string): { at: number; by: string } | undefined {
  for (const line of fixture.log().split('\n')) {
    if (!line.includes(`${instanceId} is taken back`)) continue;
    const { time, msg } = JSON.parse(line) as { time: number; msg: string };
    return { at: time, by: /\((.*)\)/.exec(msg)?.[1] ?? '' };
  }
  return undefined;
}

async function noticed(user: User, instanceId: string, mode: 'ok' | 'blackhole'): Promise<number> {
  await control.post('network', { instanceId, mode });
  // At any moment between two looks.
  await sleep(Math.random() * 5000);
  const given = Date.now();
  await control.post('notice', { instanceId });
  const found = await eventually('the notice is seen', () => seen(instanceId));
  const expected = mode === 'ok' ? 'instance metadata' : 'spot request status';
  if (found.by !== expected) process.stdout.write(`one of "${expected}" was seen by ${found.by} first\n`);
  await control.post('network', { instanceId, mode: 'ok' });
  await user.until('open', instanceId);
  return found.at - given;
}

function tell(name: string, samples: readonly number[]): void {
  const sorted = samples.toSorted((left, right) => left - right);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
  process.stdout.write(
    `${name}: ${sorted.length} notices, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms\n`,
  );
}

try {
  const user = userOf(fixture, 'watched', fixture.volumes[0] ?? '');
  let instanceId = (await user.open()).instance?.id ?? '';
  for (const mode of ['ok', 'blackhole'] as const) {
    const samples: number[] = [];
    while (samples.length < count) {
      samples.push(await noticed(user, instanceId, mode));
      instanceId = (await user.view())?.instance?.id ?? '';
    }
    tell(mode === 'ok' ? 'instance metadata' : 'spot request status, SSH in a black hole', samples);
  }
  await user.close();
} finally {
  await fixture.end();
}
