// The pure parts: rsync's arguments, its versions, and when a pass is due.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ChannelClock, dueTime } from '../../daemon/channel/due-time.ts';
import {
  folderToMake,
  namesOfSource,
  remotePath,
  rsyncArguments,
} from '../../daemon/channel/rsync-arguments.ts';
import { comparesNanoseconds, rsyncVersion } from '../../protocol/rsync-version.ts';

const transport = {
  command: ['ssh', '-o', 'ControlPath="/a b/it\'s"'],
  destination: 'ubuntu@i-1',
  mounts: [],
};
const folder = { sourceIsFolder: true };
const file = { sourceIsFolder: false };

test('the arguments of a pass', () => {
  const recursive = { direction: 'out', local_path: '/a/', remote_path: '~/b', recursive: true } as const;
  const outbound = rsyncArguments({ ...recursive, delete: true, exclude: ['-x'] }, transport, folder);
  assert.ok(outbound.includes('--exclude=-x'));
  assert.ok(outbound.includes('--delete'));
  assert.ok(outbound.includes('--modify-window=-1'));
  assert.equal(outbound[outbound.indexOf('-e') + 1], `'ssh' '-o' 'ControlPath="/a b/it''s"'`);
  assert.deepEqual(outbound.slice(-3), ['--', '/a/', 'ubuntu@i-1:./b']);
  const inbound = rsyncArguments({ direction: 'in', local_path: '/a', remote_path: ':b' }, transport, file);
  assert.ok(inbound.includes('--modify-window=-1'));
  assert.ok(inbound.some((one) => one.startsWith('--chmod=')));
  assert.deepEqual(inbound.slice(-3), ['--', 'ubuntu@i-1:./:b', '/a']);
});

test('a single file is never sent with --delete, and nothing is without being asked', () => {
  const flat = { direction: 'out', local_path: '/a', remote_path: 'b' } as const;
  assert.ok(!rsyncArguments({ ...flat, delete: true }, transport, file).includes('--delete'));
  assert.ok(!rsyncArguments(flat, transport, folder).includes('--delete'));
  assert.ok(!rsyncArguments({ ...flat, recursive: true }, transport, folder).includes('--delete'));
});

test('what is told to one that waits for names', () => {
  const outbound = { direction: 'out', local_path: '/a/b', remote_path: 'c', recursive: true } as const;
  const words = rsyncArguments(outbound, transport, folder, true);
  assert.deepEqual(words.slice(0, 3), ['--files-from=-', '--from0', '--ignore-missing-args']);
  assert.deepEqual(words.slice(-3), ['--', '/', 'ubuntu@i-1:./c']);
  const names = (local_path: string, paths?: readonly string[]): string | undefined =>
    namesOfSource({ ...outbound, local_path }, folder)?.(paths);
  assert.equal(names('/a/b'), '/a/./b/.\0');
  assert.equal(names('/a/b/'), '/a/b/././.\0');
  assert.equal(names('/a/b/', ['#x', 'y/z']), '/a/b/././#x\0/a/b/././y/z\0');
  assert.equal(names('/a//././b', ['x']), '/a/./b/x\0', 'the first such mark is ours');
  assert.equal(names('/a/..'), undefined);
  for (const more of [{ direction: 'in' }, { recursive: false }] as const) {
    assert.equal(namesOfSource({ ...outbound, ...more }, folder), undefined);
  }
  assert.equal(namesOfSource(outbound, file), undefined);
});

test('paths on the instance', () => {
  assert.equal(remotePath('~'), './');
  assert.equal(remotePath('~/'), './');
  assert.equal(remotePath('~/-x'), './-x');
  assert.equal(remotePath('/abs'), '/abs');
  assert.equal(folderToMake('./a/b', false), './a');
  assert.equal(folderToMake('/b', false), '/');
  assert.equal(folderToMake('./a/b/', true), './a/b');
});

test('which rsync compares nanoseconds', () => {
  const lines: Readonly<Record<string, boolean>> = {
    'rsync  version 3.1.2  protocol version 31': false,
    'rsync  version 3.1.3  protocol version 31': true,
    'rsync  version v3.2.7  protocol version 31': true,
    'rsync  version 3.5.0  protocol version 32': true,
    'openrsync: protocol version 29': false,
    '': false,
  };
  for (const [line, expected] of Object.entries(lines))
    assert.equal(comparesNanoseconds(rsyncVersion(line)), expected, line);
});

const idle: ChannelClock = {
  now: 10_000,
  isDirty: false,
  firstMark: 0,
  lastMark: 0,
  isUrgent: false,
  lastEnd: 5000,
  saveBegan: 4000,
  failures: 0,
  delayMs: 1000,
  auditAt: undefined,
  isPeriodic: false,
};

test('when the next pass is due', () => {
  assert.equal(dueTime(idle), undefined);
  assert.equal(dueTime({ ...idle, isPeriodic: true }), 6000);
  assert.equal(dueTime({ ...idle, isPeriodic: true, delayMs: 0 }), 5100);
  const saved = { ...idle, isDirty: true, firstMark: 10_000, lastMark: 10_000 };
  assert.equal(dueTime(saved), 10_002, 'an isolated save goes at once');
  assert.equal(
    dueTime({ ...saved, lastEnd: 9900 }),
    10_900,
    'the delay counts from the end of the last attempt',
  );
  const partOfLast = { ...saved, lastEnd: 9990, saveBegan: 9900 };
  assert.equal(dueTime(partOfLast), 10_002, 'the rest of a save does not wait');
  assert.equal(dueTime({ ...partOfLast, saveBegan: 9800 }), 10_990, 'the next save does');
  assert.equal(dueTime({ ...saved, lastMark: 10_500 }), 10_100, 'a stream of saves does not put it off');
  assert.equal(dueTime({ ...saved, lastEnd: 9900, isUrgent: true }), 10_000);
  assert.equal(dueTime({ ...saved, failures: 1 }), 6000);
  assert.equal(dueTime({ ...saved, failures: 3 }), 9000);
  assert.equal(dueTime({ ...saved, failures: 50 }), 35_000);
  assert.equal(dueTime({ ...saved, failures: 50, delayMs: 60_000 }), 65_000);
});
