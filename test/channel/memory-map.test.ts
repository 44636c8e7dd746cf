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
    // What a pass has fetched before the instance was watched is followed from its next change on only.
    await eventually('one arrives as it is written', async () => {
      const name = `mapped-${Math.random()}`;
      await using program = await startMapper(join(from, name), size);
      const has = async (text: string): Promise<boolean> =>
        (await readFile(join(to, name), 'latin1').catch(() => '')).startsWith(text);
      await eventually('it is there', () => has('\0'.repeat(6)));
      for (const text of ['first.', 'second']) {
        await sleep(1000);
        await program.write(text);
        for (let looks = 0; !(await has(text)); looks++) {
          if (looks === 100) return false;
          await sleep(50);
        }
      }
      return true;
    });
  });
}

interface Mapper extends AsyncDisposable {
  write(text: string): Promise<void>;
}

/** Starts a program that maps a new file of that size. */
async function startMapper(path: string, size: number): Promise<Mapper> {
  const program = spawn('python3', ['-c', mapper, path, String(size)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(program.stdout, 'data');
  return {
    async write(text) {
      program.stdin.write(`${text}\n`);
      await once(program.stdout, 'data');
    },
    async [Symbol.asyncDispose]() {
      program.stdin.end();
      await once(program, 'exit');
    },
  };
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
