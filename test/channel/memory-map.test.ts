// What a program writes through a memory map, of which the kernel tells nobody.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRecheck } from '../../daemon/channel/recheck.ts';
import { eventually } from '../fixture/eventually.ts';
import { patient, startChannelFixture } from './channel-fixture.ts';

/** Makes a file of that size, maps it, and writes each line that it is given to its beginning. */
const mapper = `
import mmap, sys
size = int(sys.argv[2])
with open(sys.argv[1], "w+b") as file:
    file.truncate(size)
    area = mmap.mmap(file.fileno(), size)
print("mapped", flush=True)
for line in sys.stdin:
    area[:6] = line[:6].encode()
    area.flush()
    print("written", flush=True)
`;

for (const [what, size, direction] of [
  ['small', 4096, 'out'],
  ['large', 6 * 1024 * 1024, 'out'],
  ['small', 4096, 'in'],
  ['large', 6 * 1024 * 1024, 'in'],
] as const) {
  test(`${direction}: a ${what} file that is written through a memory map arrives, also later`, async () => {
    await using fixture = await startChannelFixture();
    const channel = fixture.open({
      direction,
      local_path: './',
      remote_path: '~/there/',
      recursive: true,
      delay: 0.05,
    });
    channel.resume(await fixture.transport());
    await channel.synchronise(patient);
    const [from, to] =
      direction === 'out' ? [fixture.local, fixture.remote] : [fixture.remote, fixture.local];
    const program = spawn('python3', ['-c', mapper, join(from, 'mapped'), String(size)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    try {
      await once(program.stdout, 'data');
      const there = (): Promise<string> =>
        readFile(join(to, 'mapped')).then(
          (bytes) => bytes.subarray(0, 6).toString(),
          () => '',
        );
      await eventually('it is there', async () => (await there()) === '\0'.repeat(6));
      for (const text of ['first.', 'second']) {
        await sleep(1000);
        program.stdin.write(`${text}\n`);
        await once(program.stdout, 'data');
        await eventually(`${text} arrives`, async () => (await there()) === text);
      }
    } finally {
      program.stdin.end();
      await once(program, 'exit');
    }
  });
}

test('files are looked at less and less often, those that changed are told once, and links never', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'portald-recheck-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  for (const name of ['same', 'changed', 'gone']) await writeFile(join(folder, name), name);
  await symlink('same', join(folder, 'link'));
  const told: string[] = [];
  let clock = 0;
  const recheck = createRecheck(
    (name) => told.push(name),
    () => clock,
  );
  const seen = await recheck.look(folder, ['same', 'changed', 'gone', 'link', 'missing']);
  assert.deepEqual(
    seen.map(({ name }) => name),
    ['same', 'changed', 'gone'],
  );
  await utimes(join(folder, 'changed'), 1, 1);
  await rm(join(folder, 'gone'));
  // All of them are due at once.
  clock = -300;
  recheck.follow(folder, seen);
  clock = 0;
  await eventually('they are told', () => told.length === 2);
  assert.deepEqual(told, ['changed', 'gone']);
  await sleep(50);
  assert.deepEqual(told, ['changed', 'gone']);
  recheck.close();
});
