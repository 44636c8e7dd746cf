// What an instance prints without end or with control characters: memory stays bounded and what is told is clean.
import assert from 'node:assert/strict';
import { chownSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createPasses } from '../../daemon/channel/pass.ts';
import { watchRemote } from '../../daemon/channel/watch-remote.ts';
import { eventually } from '../remote/eventually.ts';
import { patient, startChannelBench } from './channel-bench.ts';
import { processesThere } from './slow-rsync.ts';

const inbound = { direction: 'in', local_path: './', remote_path: '~/there/', recursive: true } as const;

const wanted = {
  path: './there',
  isRecursive: true,
  deletes: false,
  delaySeconds: 1,
  batches: undefined,
  environment: process.env,
  now: Date.now,
  ended: () => {},
};

const printedMb = 300;
const keptMb = 150;
const printMuch = `head -c ${printedMb}000000 /dev/zero`;

async function grownMb(work: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage().rss;
  await work();
  return (process.memoryUsage().rss - before) / 1e6;
}

test('a watcher that prints without end takes no memory', async () => {
  const python3 = `#!/bin/sh\n${printMuch}\n${printMuch} >&2\n`;
  await using bench = await startChannelBench({ programs: { python3 } });
  const transport = await bench.transport();
  const grown = await grownMb(async () => {
    const watch = watchRemote({ ...wanted, transport, changed: () => {} });
    await eventually('it is ended', () => watch.isEnded());
    assert.match(watch.trouble() ?? '', /no form that is known/);
    await watch.close();
  });
  assert.ok(grown < keptMb, `${grown} MB more than before`);
});

test('a watcher that never ends by itself is ended', async () => {
  await using bench = await startChannelBench({
    programs: { python3: '#!/bin/sh\nyes >&2 & exec yes changed\n' },
  });
  let told = 0;
  const watch = watchRemote({
    transport: await bench.transport(),
    ...wanted,
    changed: () => told++,
  });
  await eventually('it prints', () => told > 100);
  await watch.close();
  await eventually('nothing is left there', () => processesThere(bench, 'yes').length === 0);
});

test('an rsync that prints much takes no memory, and what is told is short and clean', async () => {
  const shown = String.raw`printf '\033]0;title\007\033[31mred \342\200\256 \303\050 \177\n'`;
  const rsync = `#!/bin/sh\ncase "$*" in *--server*) ;; *) PATH=\${PATH#*:} exec rsync "$@";; esac
${shown} >&2\n${printMuch} >&2\nexit 23\n`;
  await using bench = await startChannelBench({ programs: { rsync } });
  const channel = bench.open({ ...inbound, delay: 3600 });
  const grown = await grownMb(async () => {
    channel.resume(await bench.transport());
    await eventually('it is told', () => channel.view().error, 60_000);
  });
  assert.ok(grown < keptMb, `${grown} MB more than before`);
  const { error = '' } = channel.view();
  assert.match(error, /\\x1b\[31mred/);
  assert.doesNotMatch(error, /[\p{Cc}\p{Cf}]/u);
  assert.ok(error.length < 3000, `${error.length} characters`);
});

test('as root nothing is fetched into what belongs to somebody else', async () => {
  await using bench = await startChannelBench();
  const theirs = join(bench.local, 'theirs');
  mkdirSync(theirs);
  if (process.getuid?.() === 0) chownSync(theirs, 65_534, 65_534);
  const transport = await bench.transport();
  for (const path of [theirs, `${theirs}/`, `${theirs}/new/`, `${theirs}/new/deeper`]) {
    const specification = { ...inbound, local_path: path };
    const passes = createPasses({ specification, environment: process.env, userId: 0, installsRsync: false });
    await assert.rejects(
      passes(transport).run(patient.signal, () => {}),
      /runs as root, and .* belongs to another user/,
    );
  }
  assert.ok(!existsSync(join(theirs, 'new')));
});
