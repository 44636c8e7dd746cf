// What an rsync that was killed outright leaves is removed, on either side; what only resembles it stays.
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { removeLeftOver } from '../../daemon/channel/left-over.ts';
import { eventually } from '../fixture/eventually.ts';
import { startChannelFixture } from './channel-fixture.ts';
import { sideBySide } from './side-by-side.ts';
import {
  inTheMiddle,
  killAll,
  processesHere,
  processesThere,
  removeUnknowable,
  slowDown,
  slowRsync,
  speedUp,
  temporaryFiles,
} from './slow-rsync.ts';

const test = sideBySide();

const ageMs = 5000;
const { signal } = new AbortController();

/** Names, and whether they are removed. Each original is `whole`, each copy its beginning unless its name says otherwise. */
const copies: Readonly<Record<string, boolean>> = {
  '.model.pt.a1B2c3': true,
  'deep/.model.pt.Z9z9Z9': true,
  '.hidden.aaAaaa': true,
  '.two\nlines $(x) "q".abcDef': true,
  '.hidden.backup': false,
  '.hidden.Backup': false,
  '.hidden.202411': false,
  '.hidden.BACKUP': false,
  '.other text.a1B2c3': false,
  '.nothing like it.a1B2c3': false,
  '.model.pt.a1B2c': false,
  'model.pt.a1B2c3': false,
  '.for others.abC123': false,
  '.old.abC123': false,
  '.linked.abC123': false,
  '.folder.abC123': false,
  '.symbolic.abC123': false,
  '.led away.abC123': false,
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
  for (const name of [...originals, 'folder', 'symbolic', 'other text'])
    writeFileSync(join(folder, name), 'whole');
  symlinkSync('model.pt', join(folder, 'led away'));
  for (const name of Object.keys(copies)) {
    const path = join(folder, name);
    if (name.includes('folder')) mkdirSync(path);
    else if (name.includes('symbolic')) symlinkSync('model.pt', path);
    else writeFileSync(path, name.includes('other text') ? 'whose' : 'who', { mode: 0o600 });
  }
  chmodSync(join(folder, '.for others.abC123'), 0o640);
  const hourAgo = Date.now() / 1000 - 3600;
  utimesSync(join(folder, '.old.abC123'), hourAgo, hourAgo);
  linkSync(join(folder, '.linked.abC123'), join(folder, 'another name'));
}

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

for (const where of ['here', 'there'] as const) {
  test(`what is taken for such a copy ${where}`, async () => {
    await using fixture = await startChannelFixture();
    const folder = where === 'here' ? fixture.local : fixture.remote;
    fill(folder);
    const transport = where === 'here' ? undefined : await fixture.transport();
    const options = { environment: process.env, signal };
    const look = async (isRecursive: boolean, file?: string): Promise<void> => {
      const path = where === 'here' ? `${folder}/` : './there/';
      await removeLeftOver(transport, { folder: path, file, isRecursive, ageMs }, options);
    };
    await look(true, 'model.pt');
    assert.ok(isThere(join(folder, 'deep/.model.pt.Z9z9Z9')));
    assert.ok(isThere(join(folder, '.hidden.aaAaaa')));
    assert.ok(!isThere(join(folder, '.model.pt.a1B2c3')));
    await look(false);
    assert.ok(isThere(join(folder, 'deep/.model.pt.Z9z9Z9')));
    await look(true);
    for (const [name, isRemoved] of Object.entries(copies)) {
      assert.equal(isThere(join(folder, name)), !isRemoved, name);
    }
  });
}

for (const direction of ['out', 'in'] as const) {
  test(`a single file under another name, direction ${direction}, its receiver killed`, async () => {
    await using fixture = await startChannelFixture({ programs: slowRsync, alsoHere: true });
    const [from, to] =
      direction === 'out' ? [fixture.local, fixture.remote] : [fixture.remote, fixture.local];
    const [source, target] = direction === 'out' ? ['small', 'large'] : ['large', 'small'];
    writeFileSync(join(from, 'small'), Buffer.alloc(3_000_000, 'x'));
    slowDown(fixture, 500);
    const channel = fixture.open({
      direction,
      local_path: source,
      remote_path: `${fixture.remote}/${target}`,
      delay: 0.05,
    });
    channel.resume(await fixture.transport());
    await inTheMiddle(to);
    // None is to see another's end first, and to tidy up.
    const receivers = (direction === 'out' ? processesThere : processesHere)(fixture, 'rsync');
    killAll(receivers, 'SIGSTOP');
    killAll(receivers, 'SIGKILL');
    await eventually('its end is seen', () => (channel.view().error ?? '') !== '');
    assert.notDeepEqual(temporaryFiles(to), []);
    speedUp(fixture);
    removeUnknowable(to);
    await eventually('it is there', () => existsSync(join(to, 'large')));
    await eventually('nothing is left', () => temporaryFiles(to).length === 0);
  });
}
