// Steps that fail: counted one by one, told as long as they are tried.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStepTrouble, isHopeless } from '../../daemon/portal/step-trouble.ts';
import { stepKey } from '../../daemon/portal/steps.ts';
import { PortalError } from '../../protocol/errors.ts';

const attach = (volumeId: string) => ({ kind: 'attach-volume', generation: 1, volumeId }) as const;
const refused = new PortalError('configuration', 'no such device', { hint: 'another' });

test('failures of one step are counted whatever goes well in between', () => {
  let now = 1000;
  const trouble = createStepTrouble(() => now);
  assert.equal(trouble.failed(attach('vol-1'), refused), 1);
  trouble.succeeded({ kind: 'wait', ms: 1 });
  trouble.succeeded(attach('vol-2'));
  now = 5000;
  assert.equal(trouble.failed(attach('vol-1'), refused), 2);
  assert.deepEqual(trouble.current(), {
    kind: 'configuration',
    message: 'no such device',
    hint: 'another',
    since: 1000,
  });
  trouble.succeeded(attach('vol-1'));
  assert.equal(trouble.current(), undefined);
  assert.equal(trouble.failed(attach('vol-1'), refused), 1);
});

test('what EC2 takes without an effect is asked for less and less often, at least every 15 s', () => {
  let now = 1000;
  const trouble = createStepTrouble(() => now);
  const detach = { kind: 'detach-volume', volumeId: 'vol-1', instanceId: 'i-1' } as const;
  const rests: (number | undefined)[] = [];
  const times: number[] = [];
  for (let count = 0; count < 6; count++) {
    times.push(trouble.succeeded(detach));
    const { forMs = 0 } = trouble.resting().get(stepKey(detach)) ?? {};
    rests.push(forMs);
    now += forMs;
  }
  assert.deepEqual(rests, [1000, 2000, 4000, 8000, 15_000, 15_000]);
  assert.deepEqual(times, [1, 2, 3, 4, 5, 6]);
  assert.equal(trouble.current(), undefined, 'it is no failure');
  trouble.succeeded({ kind: 'hold', generation: 1 });
  assert.equal(trouble.resting().size, 0, 'what is not asked of EC2 does not rest');
  now += 600_001;
  assert.equal(trouble.succeeded(detach), 1, 'later it is another time');
});

test('a step is the same whatever time or reason goes with it', () => {
  const trouble = createStepTrouble(() => 1000);
  const release = (timeoutMs: number) => ({ kind: 'release', generation: 1, timeoutMs }) as const;
  trouble.failed(release(1000), refused);
  assert.equal(trouble.failed(release(900), refused), 2);
  trouble.succeeded(release(800));
  assert.equal(trouble.current(), undefined);
});

test('a step that fails rests for longer and longer, at most for 15 s; others do not', () => {
  let now = 1000;
  const trouble = createStepTrouble(() => now);
  const restMs = (): number[] => [...trouble.resting().values()].map(({ forMs }) => forMs);
  const key = stepKey(attach('vol-1'));
  const rests: (number | undefined)[] = [];
  for (let count = 0; count < 6; count++) {
    trouble.failed(attach('vol-1'), refused);
    rests.push(trouble.resting().get(key)?.forMs);
  }
  assert.deepEqual(rests, [1000, 2000, 4000, 8000, 15_000, 15_000]);
  now += 5000;
  assert.deepEqual(restMs(), [10_000]);
  now -= 3_600_000;
  assert.deepEqual(restMs(), [], 'a clock that was put back makes nothing wait');
  now += 3_610_000;
  assert.deepEqual(restMs(), []);
  trouble.failed(attach('vol-1'), refused);
  trouble.forget();
  assert.deepEqual(restMs(), []);
});

test('a step that is not tried any more is no trouble any more', () => {
  let now = 1000;
  const trouble = createStepTrouble(() => now);
  trouble.failed(attach('vol-1'), refused);
  now += 60_001;
  assert.equal(trouble.current(), undefined);
});

test('what several steps failed for is over for all of them at once', () => {
  const trouble = createStepTrouble(() => 1000);
  const full = new PortalError('state-folder', 'gpu.json cannot be written');
  trouble.failed(attach('vol-1'), full);
  trouble.failed(attach('vol-2'), refused);
  trouble.failed({ kind: 'retire-generation', generation: 1 }, full);
  trouble.cured('gpu.json cannot be written');
  assert.equal(trouble.current()?.message, 'no such device');
  assert.deepEqual([...trouble.resting().keys()], [stepKey(attach('vol-2'))]);
});

test('a refusal is hopeless after five times, one that an old answer may have caused after a minute too', () => {
  assert.equal(isHopeless('configuration', 4, 90_000), false);
  assert.equal(isHopeless('configuration', 5, 1000), true);
  assert.equal(isHopeless('volume', 5, 15_000), false);
  assert.equal(isHopeless('not-found', 9, 59_000), false);
  assert.equal(isHopeless('volume', 9, 60_000), true);
  assert.equal(isHopeless('capacity', 99, 900_000), false);
  assert.equal(isHopeless('credentials', 99, 900_000), false);
  assert.equal(isHopeless('state-folder', 99, 900_000), false);
});
