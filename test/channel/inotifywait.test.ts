// An instance without python3 but with inotify-tools: what changes there is told all the same.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { eventually } from '../fixture/eventually.ts';
import { processesWith } from '../fixture/processes.ts';
import { type ChannelFixture, patient, startChannelFixture } from './channel-fixture.ts';
import { canMount, fetchAroundAMount } from './mounted.ts';
import { sideBySide } from './side-by-side.ts';
import { listTree } from './tree.ts';

const test = sideBySide();

const onlyPrograms = ['sh', 'cat', 'sleep', 'mkdir', 'head', 'id', 'rsync', 'inotifywait'];
const watchers = ({ remote }: ChannelFixture): string[] =>
  processesWith(remote).filter((line) => /^\S*inotifywait -m/.test(line));

// Nobody looks within the time of a test.
const inbound = { direction: 'in', local_path: './', recursive: true, delay: 3600 } as const;

test('what changes there is fetched, it is said how, and it ends with the channel', async () => {
  await using fixture = await startChannelFixture({ onlyPrograms });
  const source = join(fixture.remote, 'it\'s $(a) "folder"');
  mkdirSync(join(source, 'inner'), { recursive: true });
  writeFileSync(join(source, 'inner/before'), 'x');
  const channel = fixture.open({ ...inbound, delay: 0, remote_path: `${source}/` });
  const isSame = (): boolean => isDeepStrictEqual(listTree(fixture.local), listTree(source));
  channel.resume(await fixture.transport());
  await eventually('it watches', () => watchers(fixture).length === 1);
  await eventually('it is said', () => channel.view().note?.includes('inotifywait tells') === true);
  await channel.synchronise(patient);
  writeFileSync(join(source, 'inner/later'), 'x');
  await eventually('a file arrives', isSame);
  mkdirSync(join(source, 'new/deeper'), { recursive: true });
  writeFileSync(join(source, 'new/deeper/file'), 'x');
  await eventually('a folder arrives', isSame);
  writeFileSync(join(source, 'new/deeper/file'), 'changed');
  await eventually('so does a change in it', isSame);
  await channel.close();
  await eventually('it ends there', () => watchers(fixture).length === 0);
});

test('it ends with the connection, and watches again with the next', async () => {
  await using fixture = await startChannelFixture({ onlyPrograms });
  const channel = fixture.open({ ...inbound, remote_path: `${fixture.remote}/` });
  channel.resume(await fixture.transport());
  await eventually('it watches', () => watchers(fixture).length === 1);
  await fixture.instance.stop();
  await eventually('it ends there', () => watchers(fixture).length === 0);
  await fixture.instance.start();
  channel.resume(await fixture.transport());
  await eventually('it watches again', () => watchers(fixture).length === 1);
});

test('a folder that is replaced is watched anew', async () => {
  await using fixture = await startChannelFixture({ onlyPrograms });
  const channel = fixture.open({ ...inbound, delay: 0.1, remote_path: `${fixture.remote}/` });
  channel.resume(await fixture.transport());
  await eventually('it watches', () => watchers(fixture).length === 1);
  renameSync(fixture.remote, `${fixture.remote} before`);
  mkdirSync(fixture.remote);
  writeFileSync(join(fixture.remote, 'file'), 'of the new one');
  const arrived = join(fixture.local, 'file');
  await eventually('its file arrives', () => existsSync(arrived));
  await eventually('it watches', () => watchers(fixture).length === 1);
  rmSync(`${fixture.remote} before`, { recursive: true });
  writeFileSync(join(fixture.remote, 'file'), 'later');
  await eventually('a change arrives', () => readFileSync(arrived, 'utf8') === 'later');
});

test('below a folder that a file system is mounted on, or unmounted from, changes are told as before', {
  skip: !canMount() && 'nobody may mount here',
}, async () => {
  await using fixture = await startChannelFixture({ onlyPrograms });
  await fetchAroundAMount(fixture);
});
