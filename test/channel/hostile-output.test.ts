// What an instance prints without end or with control characters: memory stays bounded and what is told is clean.
import assert from 'node:assert/strict';
import { chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { limits } from '../../daemon/channel/limits.ts';
import { createPasses } from '../../daemon/channel/pass.ts';
import { createSessions } from '../../daemon/channel/sessions.ts';
import { type RemoteWatch, watchRemote } from '../../daemon/channel/watch-remote.ts';
import { eventually } from '../fixture/eventually.ts';
import { silentLog } from '../remote/link-fixture.ts';
import { type ChannelFixture, patient, startChannelFixture } from './channel-fixture.ts';
import { processesThere } from './slow-rsync.ts';

const inbound = { direction: 'in', local_path: './', remote_path: '~/there/', recursive: true } as const;

const printMuch = 'head -c 100000000 /dev/zero';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** By how much what is in use has grown when `work` has resolved, and what it resolves to is still held. */
async function grownMb<T>(work: () => Promise<T>): Promise<{ grown: number; held: T }> {
  const used = (): number => {
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    return (heapUsed + external) / 1e6;
  };
  const before = used();
  const held = await work();
  return { grown: used() - before, held };
}

async function watchThere(fixture: ChannelFixture): Promise<RemoteWatch & { told(): number }> {
  let told = 0;
  const watch = watchRemote({
    transport: await fixture.transport(),
    path: './there',
    isRecursive: true,
    deletes: true,
    delaySeconds: 0,
    batches: undefined,
    limits,
    environment: process.env,
    now: Date.now,
    changed: () => told++,
    ended: () => {},
  });
  return { ...watch, told: () => told };
}

test('a watcher that prints much takes no memory', async () => {
  // Of each that was kept, the least would be an object of two words.
  const changes = 1_000_000;
  const keptMb = 15;
  const python3 = `#!/bin/sh\n${printMuch} >&2\nyes changed | head -n ${changes}\n`;
  await using fixture = await startChannelFixture({ programs: { python3 } });
  await fixture.transport();
  const { grown, held: watch } = await grownMb(async () => {
    const watching = await watchThere(fixture);
    await eventually('all of it was read', () => watching.told() >= changes, 120_000);
    await eventually('it has ended', () => watching.isEnded());
    return watching;
  });
  assert.equal(watch.trouble(), undefined);
  await watch.close();
  assert.ok(grown < keptMb, `${grown} MB more than before`);
});

test('a watcher that prints without end is ended, at once if it is nothing that is known', async () => {
  const programs = { python3: '#!/bin/sh\nyes >&2 & exec yes "$(cat "$HOME/said")"\n' };
  await using fixture = await startChannelFixture({ programs });
  for (const said of ['changed', 'x'.repeat(10_000)]) {
    writeFileSync(join(fixture.instance.home, 'said'), said);
    const watch = await watchThere(fixture);
    if (said === 'changed') await eventually('it prints', () => watch.told() > 100);
    else await eventually('it is told', () => watch.trouble()?.includes('in no form that is known'));
    await watch.close();
    await eventually('nothing is left there', () => processesThere(fixture, 'yes').length === 0);
  }
});

test('an rsync that prints much takes no memory, and what is told is short and clean', async () => {
  const shown = String.raw`printf '\033]0;title\007\033[31mred \342\200\256 \303\050 \177\n'`;
  const rsync = `#!/bin/sh\ncase "$*" in *--server*) ;; *) PATH=\${PATH#*:} exec rsync "$@";; esac
${shown} >&2\n${printMuch} >&2\nexit 23\n`;
  await using fixture = await startChannelFixture({ programs: { rsync } });
  const channel = fixture.open({ ...inbound, delay: 3600 });
  // A part of that is what a first pass loads.
  const keptMb = 30;
  const { grown } = await grownMb(async () => {
    channel.resume(await fixture.transport());
    await eventually('it is told', () => channel.view().error, 60_000);
  });
  assert.ok(grown < keptMb, `${grown} MB more than before`);
  const { error = '' } = channel.view();
  assert.match(error, /\\x1b\[31mred/);
  assert.doesNotMatch(error, /[\p{Cc}\p{Cf}]/u);
  assert.ok(error.length < 3000, `${error.length} characters`);
});

test('as root nothing is fetched into what belongs to somebody else', async () => {
  await using fixture = await startChannelFixture();
  const theirs = join(fixture.local, 'theirs');
  mkdirSync(theirs);
  if (process.getuid?.() === 0) chownSync(theirs, 65_534, 65_534);
  const transport = await fixture.transport();
  for (const path of [theirs, `${theirs}/`, `${theirs}/new/`, `${theirs}/new/deeper`]) {
    const specification = { ...inbound, local_path: path };
    const passes = createPasses({
      specification,
      environment: process.env,
      userId: 0,
      ownPaths: () => [],
      installsRsync: () => false,
      sessions: createSessions(6),
      limits,
      log: silentLog,
    });
    await assert.rejects(
      passes(transport).run(patient.signal, { transferring() {}, prepared() {} }),
      /runs as root, and .* belongs to another user/,
    );
  }
  assert.ok(!existsSync(join(theirs, 'new')));
});
