// Batches of an instance that does as it likes are held to what a pull of the same channel takes: names, kinds, depth,
// excludes, size, and the mode of the channel's own folder.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ChannelSpecification } from '../../protocol/specification/schema.ts';
import { eventually } from '../fixture/eventually.ts';
import { applierIn, apply, give, makePlace, type Place } from './batch-place.ts';
import { holds, patient, startChannelFixture } from './channel-fixture.ts';
import { sideBySide } from './side-by-side.ts';

const test = sideBySide();

function write(folder: string, name: string, text = 'theirs'): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
}

/** Both sides have what is excluded; the instance sends all that it has. */
async function attack(
  place: Place,
  channel: Partial<ChannelSpecification>,
  folders: readonly string[],
  files: readonly string[],
): Promise<string[]> {
  for (const name of files) write(place.there, name);
  return apply(place, [place.batch([...folders, ...files])], channel);
}

test('what the channel excludes is neither written nor replaced', async () => {
  using place = makePlace();
  write(place.here, 'secret.cfg', 'ours');
  write(place.here, 'sub/a.key', 'ours');
  const names = ['.git/hooks/post-checkout', 'secret.cfg', 'sub/a.key', 'sub/wanted'];
  const exclude = ['.git/', 'secret.cfg', '*.key'];
  assert.deepEqual(await attack(place, { exclude }, ['.git', '.git/hooks', 'sub'], names), ['applied']);
  assert.deepEqual(filesBelow(place.here), ['secret.cfg', 'sub/a.key', 'sub/wanted']);
  assert.equal(readFileSync(join(place.here, 'secret.cfg'), 'utf8'), 'ours');
  assert.equal(readFileSync(join(place.here, 'sub/a.key'), 'utf8'), 'ours');
});

test('of a folder that is named without a slash, patterns begin with its name, as in a pull', async () => {
  using place = makePlace();
  const channel = { remote_path: '~/here', exclude: ['/here/no', '/yes'] };
  assert.deepEqual(await attack(place, channel, [], ['no', 'yes']), ['applied']);
  assert.deepEqual(filesBelow(place.here), ['yes']);
});

test('without recursive, nothing comes from below', async () => {
  for (const remote_path of ['~/there/', '~/there']) {
    using place = makePlace();
    const channel = { recursive: false, remote_path };
    assert.deepEqual(await attack(place, channel, ['.git', 'sub'], ['.git/config', 'sub/file', 'file']), [
      'applied',
    ]);
    assert.deepEqual(filesBelow(place.here), ['file']);
    assert.deepEqual(readdirSync(place.here), ['file']);
  }
});

test("the mode of the channel's own folder is not the batch's to change", async () => {
  for (const remote_path of ['~/there/', '~/here']) {
    using place = makePlace();
    chmodSync(place.here, 0o750);
    mkdirSync(join(place.there, 'sub'), { mode: 0o755 });
    chmodSync(place.there, 0o777);
    assert.deepEqual(await attack(place, { remote_path }, ['.', 'sub'], ['file', 'sub/file']), ['applied']);
    assert.equal(statSync(place.here).mode & 0o777, 0o750);
    assert.equal(statSync(join(place.here, 'sub')).mode & 0o777, 0o755);
  }
});

test('a batch without end is ended, and leaves nothing', async () => {
  using place = makePlace();
  write(place.there, 'file', 'x'.repeat(20_000_000));
  assert.match((await apply(place, [place.batch(['file'])]))[0] ?? '', /more than/);
  assert.deepEqual(readdirSync(place.here), []);
});

test("nothing is taken while one of portald's own files is not excluded yet", async () => {
  using place = makePlace();
  write(place.there, 'key');
  const applier = applierIn(place, {}, false);
  assert.match(await give(applier, place.batch(['key'])), /own/);
  await applier.close();
  assert.deepEqual(readdirSync(place.here), []);
  assert.deepEqual(readdirSync(place.stages), []);
});

/** In the place of the watcher on the instance: once told to, sends a batch of everything in the channel's folder. */
const hostileWatcher = String.raw`#!/bin/sh
# Given: -c, the program, the folder, two flags, rsync's protocol.
echo watching
while [ -d "$HOME" ] && [ ! -e "$HOME/strike" ]; do sleep 0.05; done
cd "$3" && mkdir "$HOME/empty"
find . -mindepth 1 -print0 | rsync -lptWRI --files-from=- --from0 --protocol="$6" --checksum-choice=md5 \
  --only-write-batch="$HOME/batch" -- ./ "$HOME/empty/"
echo "batch 1 1"
split -b 60000 --filter='cat > "$HOME/piece"; echo "data $(stat -c %s "$HOME/piece")"; cat "$HOME/piece"' "$HOME/batch"
echo "end 0"
while [ -d "$HOME" ]; do sleep 0.2; done
`;

test('a watcher that was replaced cannot write what the channel excludes', async () => {
  await using fixture = await startChannelFixture({ programs: { python3: hostileWatcher } });
  const channel = fixture.open({
    direction: 'in',
    local_path: './',
    remote_path: '~/there/',
    recursive: true,
    delay: 0.05,
    exclude: ['.git/', 'secret.cfg'],
  });
  write(fixture.local, 'secret.cfg', 'ours');
  write(fixture.remote, 'before');
  channel.resume(await fixture.transport());
  await channel.synchronise(patient);
  await eventually('nothing is pending', () => !channel.view().isPending);
  const { synchronisations } = channel.view();
  for (const name of ['.git/hooks/post-checkout', 'secret.cfg', 'sub/wanted']) write(fixture.remote, name);
  write(fixture.instance.home, 'strike');
  await eventually('the batch is applied', holds(join(fixture.local, 'sub/wanted'), 'theirs'));
  assert.equal(channel.view().synchronisations, synchronisations, 'by itself, not by a pass');
  assert.deepEqual(filesBelow(fixture.local), ['before', 'secret.cfg', 'sub/wanted']);
  assert.equal(readFileSync(join(fixture.local, 'secret.cfg'), 'utf8'), 'ours');
});
