// The laboratory itself: its metadata service is where an instance's is, and nothing of an instance outlives its test.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../fixture/eventually.ts';
import { instanceAction, rebalance } from '../remote/metadata-service.ts';
import { skippedBecause } from './requirements.ts';
import { loopDevicesOn } from './volume.ts';
import { withInstance } from './with-instance.ts';

const skip = skippedBecause();

for (const [way, configuration] of [
  ['through the SSH connection', ''],
  ['by curl, where the server forbids forwarding', 'AllowTcpForwarding no'],
] as const) {
  const needs = way.startsWith('by curl') ? skippedBecause('curl') : skip;
  test(`the notice is read from the metadata at their real address, ${way}`, { skip: needs }, () =>
    withInstance(
      async ({ instance, link }) => {
        const answer = await instance.serveMetadata();
        assert.equal(link.status().notice, undefined);
        answer(rebalance, JSON.stringify({ noticeTime: '2026-11-24T20:00:00Z' }));
        await eventually('the recommendation is seen', () => link.status().rebalanceRecommended);
        answer(instanceAction, JSON.stringify({ action: 'terminate', time: '2026-11-24T20:02:00Z' }));
        const notice = await eventually('the notice is seen', () => link.status().notice);
        assert.deepEqual(notice, { action: 'terminate', deadline: Date.parse('2026-11-24T20:02:00Z') });
      },
      { configuration },
    ),
  );
}

test('a test that is killed leaves no process, device, mount or interface', { skip }, async () => {
  const program = join(import.meta.dirname, 'abandoned-program.ts');
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const [folder = '', address = ''] = line.toString().trim().split(' ');
    assert.equal(loopDevicesOn(folder).length, 1);
    child.kill('SIGKILL');
    await eventually('the loop device is gone', () => loopDevicesOn(folder).length === 0);
    const shown = (program: string, ...words: string[]): string =>
      execFileSync(program, words, { encoding: 'utf8' });
    const ours = address.replace(/\d+$/, (last) => `${Number(last) - 1}/30`);
    await eventually('the interface is gone', () => !shown('ip', '-o', 'address').includes(` ${ours} `));
    await eventually('the processes are gone', () => !shown('ps', '-eo', 'args=').includes(folder));
    assert.ok(!shown('cat', '/proc/self/mounts').includes(folder));
    rmSync(folder, { recursive: true });
  } finally {
    child.kill('SIGKILL');
  }
});
