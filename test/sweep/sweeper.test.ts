// When the sweep looks, what it says when it cannot, and that it ends at once, whatever it waits for.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createAws } from '../../daemon/ec2/aws.ts';
import { createAwsClock } from '../../daemon/ec2/aws-clock.ts';
import { createBelongings } from '../../daemon/ec2/belongings.ts';
import { createCloud } from '../../daemon/ec2/cloud.ts';
import { claimsOf } from '../../daemon/sweep/claims.ts';
import { createSweep } from '../../daemon/sweep/sweep.ts';
import { type Sweeper, startSweeper } from '../../daemon/sweep/sweeper.ts';
import { eventually } from '../fixture/eventually.ts';

interface Fixture {
  readonly sweeper: Sweeper;
  /** Levels of what was logged. */
  readonly levels: string[];
  readonly slept: number[];
  /** Lets the next sleep end. */
  wake(): void;
}

/** A sweeper whose EC2 is whatever listens on the port; its sleeps last until they are woken. */
function sweeperAt(context: TestContext, port: number): Fixture {
  process.env['AWS_ENDPOINT_URL_EC2'] = `http://127.0.0.1:${port}`;
  process.env['AWS_ACCESS_KEY_ID'] = 'AKIANOBODY';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'nothing';
  const aws = createAws({
    environment: process.env,
    region: 'eu-central-1',
    clock: createAwsClock(Date.now, Date.now),
  });
  context.after(() => aws.close());
  const levels: string[] = [];
  const keep = (level: string) => (): void => void levels.push(level);
  const log = { debug: keep('debug'), info: keep('info'), warn: keep('warn') };
  const slept: number[] = [];
  let wake = (): void => undefined;
  const sweeper = startSweeper({
    sweep: createSweep({
      belongings: createBelongings(aws, 'installation', createCloud(aws, 'installation'), Date.now),
      claims: () => Promise.resolve(claimsOf('installation', [], [])),
      now: Date.now,
      graceMs: 1,
      log,
      said: () => undefined,
    }),
    firstAfterMs: 60_000,
    everyMs: 300_000,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        slept.push(ms);
        wake = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
        if (signal.aborted) resolve();
      }),
    log,
  });
  return { sweeper, levels, slept, wake: () => wake() };
}

test('a look that cannot be made is told once, then only for debugging', async (context) => {
  const refusing = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => refusing.once('listening', resolve));
  const { port } = refusing.address() as { port: number };
  refusing.close();
  const fixture = sweeperAt(context, port);
  for (let looks = 1; looks <= 3; looks++) {
    fixture.wake();
    await eventually('it sleeps again', () => (fixture.slept.length > looks ? true : undefined));
  }
  assert.deepEqual(fixture.levels, ['warn', 'debug', 'debug']);
  assert.deepEqual(fixture.slept, [60_000, 300_000, 300_000, 300_000]);
  await fixture.sweeper.end();
});

test('it ends while it waits for an answer that never comes', async (context) => {
  let asked = 0;
  const silent = createServer((socket) => {
    asked += 1;
    context.after(() => socket.destroy());
  }).listen(0, '127.0.0.1');
  context.after(() => silent.close());
  await new Promise((resolve) => silent.once('listening', resolve));
  const fixture = sweeperAt(context, (silent.address() as { port: number }).port);
  fixture.wake();
  await eventually('it asks', () => (asked > 0 ? true : undefined));
  await fixture.sweeper.end();
  assert.deepEqual(fixture.levels, []);
});
