// A folder in the source that we may not read: told as what rsync says, and the rest is watched as ever.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../fixture/eventually.ts';
import { startInstance } from '../remote/instance.ts';

/** Root may read everything; not so root of a name space to which a folder's owner does not belong. */
const isRoot = process.getuid?.() === 0;
const limited = isRoot ? ['unshare', '--user', '--map-root-user'] : [];
const canLimit = spawnSync(limited[0] ?? 'true', [...limited.slice(1), 'true']).status === 0;
const options = canLimit ? {} : { skip: 'this machine lets nobody make a user namespace' };

for (const isExcluded of [true, false]) {
  test(isExcluded ? 'excluded, it is none of ours' : 'it is named', options, async () => {
    await using instance = await startInstance();
    const [local, remote] = [join(instance.folder, 'local'), join(instance.home, 'there')];
    const secret = join(local, 'secret');
    mkdirSync(secret, { recursive: true });
    writeFileSync(join(secret, 'file'), 'x');
    writeFileSync(join(local, 'plain'), 'x');
    if (isRoot) chownSync(secret, 12_345, 12_345);
    chmodSync(secret, isRoot ? 0o700 : 0);
    const specification = {
      direction: 'out',
      local_path: `${local}/`,
      remote_path: '~/there/',
      recursive: true,
      delay: 0.1,
      ...(isExcluded && { exclude: ['secret'] }),
    };
    const words = [
      process.execPath,
      join(import.meta.dirname, 'channel-program.ts'),
      instance.folder,
      JSON.stringify(instance.target),
      JSON.stringify(specification),
    ];
    const [program = '', ...rest] = [...limited, ...words];
    const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      let said = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
      await eventually('the rest arrives', () => existsSync(join(remote, 'plain')));
      if (isExcluded) await eventually('it is synchronised', () => said.includes('synchronised'));
      else await eventually('it is told', () => /secret.*Permission denied.*give .* the right/s.test(said));
      writeFileSync(join(local, 'plain save'), 'x');
      await eventually('a save arrives', () => existsSync(join(remote, 'plain save')));
      assert.doesNotMatch(said, /every delay/);
      if (isExcluded) return;
      chmodSync(secret, 0o755);
      await eventually('what is in it arrives', () => existsSync(join(remote, 'secret/file')));
      writeFileSync(join(secret, 'file 2'), 'x');
      await eventually('it is watched now', () => existsSync(join(remote, 'secret/file 2')));
    } finally {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
      // Else only root could remove it.
      if (!isRoot) chmodSync(secret, 0o755);
    }
  });
}
