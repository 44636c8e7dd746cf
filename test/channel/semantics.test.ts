// What arrives is what rsync itself would bring, in both directions, for every form of path.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChannelFixture, patient, startChannelFixture } from './channel-fixture.ts';
import { sideBySide } from './side-by-side.ts';
import { fillTree, listTree } from './tree.ts';

const test = sideBySide();

interface Case {
  readonly name: string;
  readonly source: string;
  readonly destination: string;
  readonly recursive?: boolean;
  readonly exclude?: string[];
  /** Plain rsync's options and paths (in the source's and the destination's folder) for the same. */
  readonly plainly: readonly string[];
}

const cases: readonly Case[] = [
  {
    name: 'content, recursive',
    source: 'src/',
    destination: 'dst/',
    recursive: true,
    plainly: ['-rlpt', 'src/', 'dst/'],
  },
  {
    name: 'content, recursive, no slash there',
    source: 'src/',
    destination: 'dst',
    recursive: true,
    plainly: ['-rlpt', 'src/', 'dst'],
  },
  {
    name: 'folder, recursive',
    source: 'src',
    destination: 'dst/',
    recursive: true,
    plainly: ['-rlpt', 'src', 'dst/'],
  },
  {
    name: 'folder, recursive, no slash there',
    source: 'src',
    destination: 'dst',
    recursive: true,
    plainly: ['-rlpt', 'src', 'dst'],
  },
  {
    name: 'content, flat',
    source: 'src/',
    destination: 'dst/',
    plainly: ['-lpt', '--dirs', '--exclude=*/', 'src/', 'dst/'],
  },
  {
    name: 'folder, flat',
    source: 'src',
    destination: 'dst/',
    plainly: ['-lpt', '--dirs', '--exclude=*/', 'src/', 'dst/src/'],
  },
  {
    name: 'single file into a folder',
    source: 'src/plain.txt',
    destination: 'dst/',
    plainly: ['-lpt', 'src/plain.txt', 'dst/'],
  },
  {
    name: 'single file under another name',
    source: 'src/plain.txt',
    destination: 'dst/other',
    plainly: ['-lpt', 'src/plain.txt', 'dst/other'],
  },
  {
    name: 'awkward file',
    source: 'src/glob*?[a]',
    destination: 'dst/a b:c\'d"e*$(x)',
    plainly: ['-lpt', 'src/glob*?[a]', 'dst/a b:c\'d"e*$(x)'],
  },
  {
    name: 'leading dash',
    source: 'src/--delete',
    destination: 'dst/-x',
    plainly: ['-lpt', 'src/--delete', 'dst/-x'],
  },
  {
    name: 'a symbolic link itself',
    source: 'src/link to folder',
    destination: 'dst/',
    recursive: true,
    plainly: ['-rlpt', 'src/link to folder', 'dst/'],
  },
  {
    name: 'through a symbolic link',
    source: 'src/link to folder/',
    destination: 'dst/',
    recursive: true,
    plainly: ['-rlpt', 'src/link to folder/', 'dst/'],
  },
  {
    name: 'excluded names',
    source: 'src/',
    destination: 'dst/',
    recursive: true,
    exclude: ['/sub folder', '.*'],
    plainly: ['-rlpt', '--exclude=/sub folder', '--exclude=.*', 'src/', 'dst/'],
  },
];

for (const direction of ['out', 'in'] as const) {
  test(`direction ${direction}`, async (context) => {
    await using fixture = await startChannelFixture();
    const [from, to] =
      direction === 'out' ? [fixture.local, fixture.remote] : [fixture.remote, fixture.local];
    fillTree(await made(join(from, 'src')));
    for (const [index, one] of cases.entries()) {
      await context.test(one.name, async () => {
        const place = `case ${index}/`;
        const expected = await made(join(fixture.instance.folder, 'plain', direction, String(index)));
        mkdirSync(join(expected, 'dst/src'), { recursive: true });
        if (!one.destination.endsWith('/')) execFileSync('rm', ['-r', join(expected, 'dst/src')]);
        mkdirSync(join(to, place, 'dst'), { recursive: true });
        plainRsync(one.plainly, from, expected);
        execFileSync('find', [expected, '-type', 'd', '-empty', '-delete']);
        await synchroniseOnce(fixture, direction, one, place);
        assert.notEqual(listTree(expected).length, 0);
        assert.deepEqual(modes(listTree(join(to, place))), modes(listTree(expected)));
      });
    }
  });
}

async function synchroniseOnce(
  fixture: ChannelFixture,
  direction: 'in' | 'out',
  one: Case,
  place: string,
): Promise<void> {
  const [local, remote] =
    direction === 'out'
      ? [one.source, `~/there/${place}${one.destination}`]
      : [`${place}${one.destination}`, `~/there/${one.source}`];
  const channel = fixture.open({
    direction,
    local_path: local,
    remote_path: remote,
    ...(one.recursive !== undefined && { recursive: one.recursive }),
    ...(one.exclude !== undefined && { exclude: one.exclude }),
  });
  channel.resume(await fixture.transport());
  await channel.synchronise(patient);
  assert.equal(channel.view().error, undefined);
  await channel.close();
}

/** Runs rsync by hand; the last two words are the source's and the destination's path. */
function plainRsync(words: readonly string[], from: string, to: string): void {
  const [source = '', destination = ''] = words.slice(-2);
  execFileSync('rsync', [...words.slice(0, -2), join(from, source), join(to, destination)]);
}

/** Of an empty folder that a case made in advance only the mode may differ. */
function modes(lines: string[]): string[] {
  return lines.map((line) => line.replace(/^(dst|dst\/src)\/ \d+$/, '$1/'));
}

async function made(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  return folder;
}
