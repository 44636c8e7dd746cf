// portald killed outright in the middle of a transfer and while it waits: nothing of it runs on, here or on the instance,
// and the next one completes what it had begun; and removes what is left if the receiving rsync was killed with it.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { releaseWriters } from '../../daemon/channel/release-writers.ts';
import { eventually } from '../fixture/eventually.ts';
import { type Instance, startInstance } from '../remote/instance.ts';
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
import { fillTree, listTree } from './tree.ts';

const test = sideBySide();

for (const direction of ['out', 'in'] as const) {
  test(`direction ${direction}`, async (context) => {
    await using instance = await startInstance({ programs: slowRsync });
    const [local, remote] = [join(instance.folder, 'local'), join(instance.home, 'there')];
    for (const folder of [local, remote]) mkdirSync(folder);
    const [from, to] = direction === 'out' ? [local, remote] : [remote, local];
    fillTree(from);
    writeFileSync(join(from, 'large'), randomBytes(3_000_000));
    const specification = { direction, local_path: `${local}/`, remote_path: `${remote}/`, recursive: true };

    // Two minutes and a half, unless it is ended.
    slowDown({ instance }, 20);
    const first = startProgram(context, instance, specification);
    await inTheMiddle(to);
    await kill(first);
    await nothingRuns(instance);
    assert.deepEqual(temporaryFiles(to), []);

    speedUp({ instance });
    const second = startProgram(context, instance, specification);
    await once(second.stdout ?? second, 'data');
    assert.deepEqual(listTree(to), listTree(from));
    const waiting = direction === 'out' ? '--read-batch' : 'python3';
    await eventually('it waits there', () => processesThere({ instance }, waiting).length > 0);
    await kill(second);
    await nothingRuns(instance);
  });
}

for (const direction of ['out', 'in'] as const) {
  test(`direction ${direction}, its receiver killed with it`, async (context) => {
    await using instance = await startInstance({ programs: slowRsync });
    const [local, remote] = [join(instance.folder, 'local'), join(instance.home, 'there')];
    for (const folder of [local, remote]) mkdirSync(folder);
    const [from, to] = direction === 'out' ? [local, remote] : [remote, local];
    writeFileSync(join(from, 'large'), Buffer.alloc(3_000_000, 'x'));
    const specification = { direction, local_path: `${local}/`, remote_path: `${remote}/`, recursive: true };

    slowDown({ instance }, 20);
    const first = startProgram(context, instance, specification);
    await inTheMiddle(to);
    const receivers = (direction === 'out' ? processesThere : processesHere)({ instance }, 'rsync');
    killAll(receivers, 'SIGSTOP');
    await kill(first);
    killAll(receivers, 'SIGKILL');
    await nothingRuns(instance);
    assert.notDeepEqual(temporaryFiles(to), []);
    removeUnknowable(to);

    speedUp({ instance });
    const second = startProgram(context, instance, specification);
    await eventually(
      'it is there, and nothing is left',
      () => existsSync(join(to, 'large')) && temporaryFiles(to).length === 0,
    );
    assert.deepEqual(listTree(to), listTree(from));
    await kill(second);
    await nothingRuns(instance);
  });
}

function startProgram(context: TestContext, instance: Instance, specification: object): ChildProcess {
  const program = join(import.meta.dirname, 'channel-program.ts');
  const words = [program, instance.folder, JSON.stringify(instance.target), JSON.stringify(specification)];
  const environment = { ...process.env, PATH: `${instance.folder}/bin:${process.env['PATH'] ?? ''}` };
  const child = spawn(process.execPath, words, { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  context.after(() => child.kill('SIGKILL'));
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** But for a writer that was just being started: it waits at its pipe until the next portald releases it, as is done here. */
async function nothingRuns(instance: Instance): Promise<void> {
  await eventually('nothing of it runs on', () => {
    releaseWriters(join(instance.folder, 'run/channels'), () => {});
    const here = [...processesHere({ instance }, 'rsync'), ...processesHere({ instance }, 'ControlPath')];
    return here.length + processesThere({ instance }, '').length === 0;
  });
}
