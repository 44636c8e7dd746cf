// The program itself: its arguments, its world file, and that nothing is left of it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { RequestSpotFleetCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { fleetOf, programWords, run, startSandbox, until } from './sandbox-bench.ts';

test('wrong use is one sentence and exit code 2', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-test-'));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'world.yaml'), 'delays: {attach: soon}\n');
  await writeFile(join(folder, 'typo.yaml'), 'zonez: []\n');
  const cases: [string[], RegExp][] = [
    [[], /^portal-sandbox: --state DIR is required\.\n$/],
    [['--state', 'x', '--colour'], /^portal-sandbox: Unknown option '--colour'\.\n$/],
    [['--state', 'x', '--port', 'ssh'], /--port takes a number/],
    [['--state', folder], /holds files that are not the sandbox's/],
    [['--state', join(folder, 's'), '--world', join(folder, 'none.yaml')], /none\.yaml cannot be read/],
    [
      ['--state', join(folder, 's'), '--world', join(folder, 'world.yaml')],
      /delays\.attach must be milliseconds/,
    ],
    [['--state', join(folder, 's'), '--world', join(folder, 'typo.yaml')], /zonez is not a known key/],
  ];
  for (const [words, sentence] of cases) {
    const { code, err, out } = await run(process.execPath, [...programWords, ...words]);
    assert.match(err, sentence);
    assert.deepEqual({ code, out, lines: err.trim().split('\n').length }, { code: 2, out: '', lines: 1 });
  }
  assert.equal((await run(process.execPath, [...programWords, '--help'])).code, 0);
});

test('the control interface answers mistakes with a sentence', async (t) => {
  const { control } = await startSandbox(t);
  assert.match(String((await control('POST', 'nothing')).error), /^There is no POST nothing/);
  assert.match(
    String((await control('POST', 'notice', { instanceId: 'i-1' })).error),
    /There is no instance i-1/,
  );
  assert.match(
    String((await control('POST', 'faults', [{ action: '*', kind: 'magic' }])).error),
    /must be a list of rules/,
  );
});

for (const signal of ['SIGTERM', 'SIGINT', 'SIGKILL'] as const) {
  test(`nothing is left after ${signal}`, async (t) => {
    const { program, launch, ssh, folder } = await startSandbox(t);
    const { instance } = await launch();
    const mark = `sleep 9${program.pid}`;
    await ssh(instance, `nohup setsid ${mark} >/dev/null 2>&1 </dev/null &`);
    const left = async () => {
      const { out } = await run('ps', ['-eo', 'args']);
      return out.split('\n').filter((line) => line === mark || line.includes(folder));
    };
    assert.notDeepEqual(await left(), []);
    program.kill(signal);
    const [code] = await once(program, 'exit');
    assert.equal(code, signal === 'SIGKILL' ? null : 0);
    await until('no process is left', async () => (await left()).length === 0);
    // The same folder serves again.
    const again = spawn(process.execPath, [...programWords, '--state', join(folder, 'state')], {
      stdio: 'pipe',
    });
    await once(again.stdout, 'data');
    again.kill('SIGTERM');
    assert.deepEqual(await once(again, 'exit'), [0, null]);
    assert.deepEqual(await readdir(join(folder, 'state/instances')), []);
  });
}

test('an instance that is terminated while it boots leaves nothing running', async (t) => {
  const { ec2, control, program } = await startSandbox(t, { delays: { pendingToRunning: 400 } });
  const machines = async () => (await run('ps', ['--ppid', String(program.pid), '-o', 'args='])).out;
  assert.equal(await machines(), '');
  await ec2.send(new RequestSpotFleetCommand({ SpotFleetRequestConfig: fleetOf() }));
  const pending = await until('the instance boots', async () => {
    const { coming } = await control('GET', 'bill');
    return Array.isArray(coming) && typeof coming[0] === 'string' && coming[0];
  });
  await until('the machine boots', async () => (await machines()).includes('unshare'));
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [pending] }));
  await until('the machine is gone', async () => (await machines()) === '');
  assert.deepEqual((await control('GET', 'bill')).coming, []);
});
