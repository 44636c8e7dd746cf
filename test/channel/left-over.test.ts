// What an rsync that was killed outright leaves is removed, on either side; what only resembles it stays.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, linkSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeLeftOver } from '../../daemon/channel/left-over.ts';
import { eventually } from '../remote/eventually.ts';
import { startChannelBench } from './channel-bench.ts';
import {
  inTheMiddle,
  killAll,
  processesHere,
  processesThere,
  slowDown,
  slowRsync,
  speedUp,
  temporaryFiles,
} from './slow-rsync.ts';

const ageMs = 5000;
const { signal } = new AbortController();

/** Names, and whether they are removed. */
const copies: Readonly<Record<string, boolean>> = {
  '.model.pt.a1B2c3': true,
  'deep/.model.pt.Z9z9Z9': true,
  '.hidden.aaaaaa': true,
  '.two\nlines $(x) "q".abcdef': true,
  '.nothing like it.a1B2c3': false,
  '.model.pt.a1B2c': false,
  'model.pt.a1B2c3': false,
  '.for others.abc123': false,
  '.old.abc123': false,
  '.linked.abc123': false,
  '.folder.abc123': false,
  '.symbolic.abc123': false,
};

function fill(folder: string): void {
  mkdirSync(join(folder, 'deep'));
  const originals = [
    'model.pt',
    'deep/model.pt',
    '.hidden',
    'two\nlines $(x) "q"',
    'for others',
    'old',
    'linked',
  ];
  for (const name of [...originals, 'folder', 'symbolic']) writeFileSync(join(folder, name), 'whole');
  for (const name of Object.keys(copies)) {
    const path = join(folder, name);
    if (name.includes('folder')) mkdirSync(path);
    else if (name.includes('symbolic')) symlinkSync('model.pt', path);
    else writeFileSync(path, 'half', { mode: 0o600 });
  }
  chmodSync(join(folder, '.for others.abc123'), 0o640);
  const hourAgo = Date.now() / 1000 - 3600;
  utimesSync(join(folder, '.old.abc123'), hourAgo, hourAgo);
  linkSync(join(folder, '.linked.abc123'), join(folder, 'another name'));
}

for (const where of ['here', 'there'] as const) {
  test(`what is taken for such a copy ${where}`, async () => {
    await using bench = await startChannelBench();
    const folder = where === 'here' ? bench.local : bench.remote;
    fill(folder);
    const transport = where === 'here' ? undefined : await bench.transport();
    const options = { environment: process.env, signal };
    const look = async (isRecursive: boolean): Promise<void> => {
      const path = where === 'here' ? `${folder}/` : './there/';
      await removeLeftOver(transport, { folder: path, isRecursive, ageMs }, options);
    };
    await look(false);
    assert.ok(existsSync(join(folder, 'deep/.model.pt.Z9z9Z9')));
    await look(true);
    for (const [name, isRemoved] of Object.entries(copies)) {
      const isThere = existsSync(join(folder, name));
      assert.equal(isThere, !isRemoved, name);
    }
  });
}

for (const direction of ['out', 'in'] as const) {
  test(`a single file under another name, direction ${direction}, its receiver killed`, async () => {
    await using bench = await startChannelBench({ programs: slowRsync, alsoHere: true });
    const [from, to] = direction === 'out' ? [bench.local, bench.remote] : [bench.remote, bench.local];
    const [source, target] = direction === 'out' ? ['small', 'large'] : ['large', 'small'];
    writeFileSync(join(from, 'small'), Buffer.alloc(3_000_000, 'x'));
    slowDown(bench, 500);
    const channel = bench.open({
      direction,
      local_path: source,
      remote_path: `${bench.remote}/${target}`,
      delay: 0.05,
    });
    channel.resume(await bench.transport());
    await inTheMiddle(to);
    killAll((direction === 'out' ? processesThere : processesHere)(bench, 'rsync'), 'SIGKILL');
    await eventually('its end is seen', () => (channel.view().error ?? '') !== '');
    assert.notDeepEqual(temporaryFiles(to), []);
    speedUp(bench);
    await eventually('it is there', () => existsSync(join(to, 'large')));
    await eventually('nothing is left', () => temporaryFiles(to).length === 0);
  });
}
