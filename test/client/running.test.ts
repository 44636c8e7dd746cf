// Which process is portald's when it does not answer: the one that the lock means, and none that has its number since.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { processOf } from '../../client/service/running.ts';
import { takeLock } from '../../daemon/store/lock.ts';
import { temporaryFolder } from '../rpc/rpc-fixture.ts';

test('the lock of a living portald names its process; a number that was used again does not', {
  skip: process.platform !== 'linux' && 'only /proc tells when a process began',
}, async (context) => {
  const folder = join(temporaryFolder(context), 'state');
  mkdirSync(folder, { mode: 0o700 });
  const environment = { PORTALD_STATE_DIR: folder };
  assert.equal(processOf({}, environment), undefined, 'no lock');
  const lock = await takeLock(folder, process.pid);
  assert.equal(processOf({}, environment), process.pid);
  await lock.release();
  writeFileSync(join(folder, 'lock'), `${process.pid} 1@another-boot\n`);
  assert.equal(processOf({}, environment), undefined);
});
