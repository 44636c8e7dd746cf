// What hangs on the instance while its session lives: a pass ends and says so, and the next one is good.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { eventually } from '../fixture/eventually.ts';
import { type ChannelFixture, patient, startChannelFixture, withPrograms } from './channel-fixture.ts';
import {
  inTheMiddle,
  killAll,
  processesThere,
  slowDown,
  slowRsync,
  speedUp,
  temporaryFiles,
} from './slow-rsync.ts';
import { listTree } from './tree.ts';
import { openWay } from './way-fixture.ts';

// Of one that does nothing a look each second must see no more than one tick of the processor's clock, 10 ms.
const limits = { silentPassMs: 5000, wholeBatchMs: 5000, preparationMs: 8000 };

const told = { kind: 'channel', message: /no answer/, hint: /hang.*goes on by itself/ };

// All of them wait nearly all the time.
describe('what hangs there, and what is only slow', { concurrency: 12 }, () => {
  for (const direction of ['out', 'in'] as const) {
    for (const what of ['rsync in the first pass', 'rsync in a later one', 'only its last fork']) {
      test(`direction ${direction}: ${what} stops`, async (context) => {
        await using fixture = await startSlowFixture();
        const { from, to } = endsOf(fixture, direction);
        await using way = await openWay(fixture, { direction }, { ...fixture, limits });
        const pass = () => way.pass(patient.signal, () => {});
        slowDown(fixture, 500);
        if (what === 'rsync in a later one') await pass();
        writeFileSync(join(from, 'large'), randomBytes(5_000_000));
        const ended = assert.rejects(pass(), told);
        await inTheMiddle(to);
        const all = processesThere(fixture, '--server');
        const stopped = what === 'only its last fork' ? [Math.max(...all)] : all;
        context.after(() => killAll(stopped, 'SIGCONT'));
        killAll(stopped, 'SIGSTOP');
        speedUp(fixture);
        await ended;
        await pass();
        assert.ok(readFileSync(join(to, 'large')).equals(readFileSync(join(from, 'large'))));
        // What goes on later leaves nothing.
        killAll(stopped, 'SIGCONT');
        await eventually('nothing is left', () => temporaryFiles(to).length === 0);
        assert.deepEqual(listTree(to), listTree(from));
      });
    }

    test(`direction ${direction}: a pass that takes longer than a silence may last is not ended`, async () => {
      await using fixture = await startSlowFixture();
      const { from, to } = endsOf(fixture, direction);
      await using way = await openWay(fixture, { direction }, { ...fixture, limits });
      slowDown(fixture, 500);
      // Ten seconds.
      writeFileSync(join(from, 'large'), randomBytes(5_000_000));
      await way.pass(patient.signal, () => {});
      assert.deepEqual(listTree(to), listTree(from));
    });
  }

  test('one that waits there stops, and little is to be sent', async (context) => {
    await using fixture = await startChannelFixture();
    await using way = await openWay(fixture, {}, { limits });
    const stopped: number[] = [];
    context.after(() => killAll(stopped, 'SIGKILL'));
    await way.pass(patient.signal, () => {});
    await eventually('one waits', () => processesThere(fixture, '--server').length > 0);
    writeFileSync(join(fixture.local, 'file'), 'x');
    stopped.push(...processesThere(fixture, '--server'));
    killAll(stopped, 'SIGSTOP');
    await assert.rejects(
      way.pass(patient.signal, () => {}),
      told,
    );
    await way.pass(patient.signal, () => {});
    assert.deepEqual(listTree(fixture.remote), listTree(fixture.local));
  });

  test('a batch of a watch there does not end', async (context) => {
    await using fixture = await startChannelFixture();
    await using way = await openWay(fixture, { direction: 'in' }, { limits });
    const pass = () => way.pass(patient.signal, () => {});
    await pass();
    await eventually('it watches', () => way.isTold());
    const writers = (): number[] => processesThere(fixture, 'rsync -lptWRI');
    await eventually('a writer waits', () => writers().length > 0);
    const stopped = writers();
    context.after(() => killAll(stopped, 'SIGKILL'));
    killAll(stopped, 'SIGSTOP');
    writeFileSync(join(fixture.remote, 'file'), 'x');
    await eventually('it is given up', () => !way.isTold());
    await pass();
    assert.deepEqual(listTree(fixture.local), listTree(fixture.remote));
    await eventually('another watches', () => way.isTold());
  });

  test('its rsync ends, and its session does not', async () => {
    const hanging = `[ "$1" != --server ] || ${hangs}`;
    await failsWhileItHangs(`#!/bin/sh\nPATH=\${PATH#*:} rsync "$@"\n${hanging}\n`, told);
  });

  test('its rsync does not tell its version', async () => {
    await failsWhileItHangs(`#!/bin/sh\n${hangs}\nPATH=\${PATH#*:} exec rsync "$@"\n`, {
      ...told,
      message: /preparing .* failed: no answer within 8 s/,
    });
  });
});

/** As long as there is a file `hangs`; also that goes with the fixture. */
const hangs = 'while [ -e "$HOME/hangs" ]; do sleep 0.2; done';

/** The instance has this rsync, which hangs as long as there is a file `hangs`. */
async function failsWhileItHangs(rsync: string, problem: typeof told): Promise<void> {
  await using fixture = await startChannelFixture({ programs: { rsync } });
  await using way = await openWay(fixture, {}, { limits });
  writeFileSync(join(fixture.local, 'file'), 'x');
  const file = join(fixture.instance.home, 'hangs');
  writeFileSync(file, '');
  await assert.rejects(
    way.pass(patient.signal, () => {}),
    problem,
  );
  rmSync(file);
  await way.pass(patient.signal, () => {});
  assert.deepEqual(listTree(fixture.remote), listTree(fixture.local));
}

async function startSlowFixture(): Promise<ChannelFixture & { environment: NodeJS.ProcessEnv }> {
  const fixture = await startChannelFixture({ programs: slowRsync });
  return { ...fixture, environment: withPrograms(fixture.instance) };
}

function endsOf({ local, remote }: ChannelFixture, direction: 'in' | 'out'): { from: string; to: string } {
  return direction === 'out' ? { from: local, to: remote } : { from: remote, to: local };
}
