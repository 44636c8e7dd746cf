// Files that others have replaced: each is refused at once, and no thread of the runtime waits for one.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readConfiguration } from '../../daemon/configuration.ts';
import { readIdentity } from '../../daemon/remote/identity.ts';
import { readRegularFile } from '../../protocol/regular-file.ts';

function folderFor(context: { after(work: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'portald-files-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('a pipe, a socket, a device, a folder, what is too large and what is not there', async (context) => {
  const folder = folderFor(context);
  const [pipe, link, socket] = ['pipe', 'link', 'socket'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  execFileSync('mkfifo', [pipe]);
  symlinkSync(pipe, link);
  const server = createServer().listen(socket);
  context.after(() => server.close());
  writeFileSync(join(folder, 'large'), 'x'.repeat(11));
  writeFileSync(join(folder, 'right'), 'x'.repeat(10));
  for (const [path, code] of [
    [pipe, 'ENOTREG'],
    [link, 'ENOTREG'],
    [socket, 'ENXIO'],
    ['/dev/zero', 'ENOTREG'],
    [folder, 'EISDIR'],
    [join(folder, 'large'), 'EFBIG'],
    [join(folder, 'missing'), 'ENOENT'],
  ] as const)
    await assert.rejects(readRegularFile(path, 10), { code }, path);
  assert.equal((await readRegularFile(join(folder, 'right'), 10)).bytes.toString(), 'x'.repeat(10));
});

test('eight of them at once hold up no other file', async (context) => {
  const folder = folderFor(context);
  const pipe = join(folder, 'key');
  execFileSync('mkfifo', [pipe, `${pipe}.pub`]);
  const many = Array.from({ length: 8 }, () => [
    assert.rejects(readConfiguration(pipe, true), /is not a regular file/),
    assert.rejects(readIdentity(pipe, process.env), /not a regular file/),
  ]).flat();
  await Promise.all(many);
  assert.ok((await readFile('/proc/self/stat', 'utf8')).length > 0);
});
