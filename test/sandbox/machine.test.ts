// A machine by itself, without the sandbox around it.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startMachine } from '../../sandbox/machine/machine.ts';
import { makeInstanceFolder } from '../../sandbox/machine/root-folder.ts';
import { makeToolbox } from '../../sandbox/machine/toolbox.ts';
import { eventually } from '../fixture/eventually.ts';
import { processesThat } from '../fixture/processes.ts';

/** How many processes have these words. */
function countOf(words: readonly string[]): number {
  return processesThat(({ command }) => command === words.join(' ')).length;
}

test('once a machine has ended, none of its processes is left', async (context) => {
  const base = await mkdtemp(join(tmpdir(), 'machine-'));
  context.after(() => rm(base, { recursive: true, force: true }));
  const toolbox = join(base, 'toolbox');
  await mkdir(toolbox);
  await makeToolbox(toolbox, {});
  const setup = { toolbox, hostName: 'host', user: 'ubuntu' };
  for (const turn of [1, 2, 3, 4]) {
    const folder = join(base, `instance-${turn}`);
    await makeInstanceFolder(folder, setup.hostName, setup.user);
    const machine = await startMachine({ ...setup, folder });
    const words = ['sleep', `9${turn}${process.pid}`];
    // Many, of which the last ends after the first.
    for (let count = 0; count < 12; count++)
      machine.spawn(`exec setsid ${words.join(' ')} >/dev/null 2>&1 </dev/null`, {});
    await eventually('they run', () => countOf(words) === 12);
    await machine.end();
    assert.equal(countOf(words), 0);
  }
});
