// The program itself: its arguments, its world file, and that nothing is left of it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { RequestSpotFleetCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { eventually } from '../fixture/eventually.ts';
import { fleetOf, programWords, run, startSandbox } from './sandbox-fixture.ts';

test('wrong use is a sentence with the usage and exit code 2; --help and --version', async () => {
  const cases: [string[], RegExp][] = [
    [[], /^portal-sandbox: --state DIR is required\.\n/],
    [['--state', 'x', '--colour'], /^portal-sandbox: Unknown option '--colour'\.\n/],
    [['--state', 'x', 'y'], /^portal-sandbox: Unexpected argument 'y'\.\n/],
    [['--state', 'x', '--port', 'ssh'], /^portal-sandbox: --port takes a number .*\n/],
  ];
  for (const [words, sentence] of cases) {
    const { code, err, out } = await run(process.execPath, [...programWords, ...words]);
    assert.match(err, sentence);
    const usage = 'Usage: portal-sandbox --state DIR [--port N] [--world FILE]\nSee portal-sandbox --help\n';
    assert.deepEqual({ code, out, rest: err.replace(sentence, '') }, { code: 2, out: '', rest: usage });
  }
  const help = await run(process.execPath, [...programWords, '--help']);
  assert.deepEqual([help.code, help.err], [0, '']);
  const version = await run(process.execPath, [...programWords, '--version']);
  assert.deepEqual([version.code, version.err], [0, '']);
  assert.match(version.out, /^portal-sandbox \d+\.\d+\.\d+\n$/);
});

test('what it cannot start with is one sentence that names it, and exit code 1', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-test-'));
  t.after(() => rm(folder, { recursive: true }));
  const taken = createServer().listen(0, '127.0.0.1');
  t.after(() => taken.close());
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const worlds: [string, string, RegExp][] = [
    ['delay.yaml', 'delays: {attach: soon}', /delay\.yaml: delays\.attach must be milliseconds/],
    ['typo.yaml', 'zonez: []', /typo\.yaml: zonez is not a known key/],
    ['torn.json', '{"zones": ["a"', /torn\.json: This is neither YAML nor JSON: .*line 1, column/],
    ['port.yaml', 'sshPort: 65536', /port\.yaml: sshPort must be a port/],
    ['taken.yaml', `sshPort: ${port}`, /port \d+: it is in use\. Give another by sshPort in the world file/],
    [
      'key.yaml',
      'keyPairs: [{name: k, publicKeyFile: no.pub}]',
      /key\.yaml: .*no\.pub cannot be read: no such/,
    ],
  ];
  const state = join(folder, 's');
  const cases: [string[], RegExp][] = [
    [['--state', state, '--port', String(port)], /port \d+: it is in use\. Give another by --port\.\n/],
    [['--state', folder], /holds files that are not the sandbox's/],
    [['--state', join(folder, 'typo.yaml')], /typo\.yaml: it is not a folder/],
    [['--state', join(folder, 'typo.yaml', 'x')], /typo\.yaml\/x: not a directory/],
    [['--state', state, '--world', join(folder, 'none.yaml')], /none\.yaml cannot be read: no such file/],
  ];
  for (const [name, content, sentence] of worlds) {
    await writeFile(join(folder, name), content);
    cases.push([['--state', state, '--world', join(folder, name)], sentence]);
  }
  for (const [words, sentence] of cases) {
    const { code, err, out } = await run(process.execPath, [...programWords, ...words]);
    assert.match(err, sentence);
    assert.match(err, /^portal-sandbox: .*\.\n$/);
    assert.deepEqual({ code, out }, { code: 1, out: '' });
  }
});

test('a state folder serves one sandbox at a time', async (t) => {
  const { folder, program, launch, ssh } = await startSandbox(t);
  const { instance } = await launch();
  await symlink(join(folder, 'state'), join(folder, 'also'));
  const second = await run(process.execPath, [...programWords, '--state', join(folder, 'also')]);
  assert.match(
    second.err,
    new RegExp(`^portal-sandbox: .*another sandbox \\(process ${program.pid}\\) runs on it.*\n$`),
  );
  assert.deepEqual([second.code, second.out], [1, '']);
  assert.equal((await ssh(instance, 'echo unharmed')).out, 'unharmed\n');
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
    await eventually('no process is left', async () => (await left()).length === 0);
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
  const pending = await eventually('the instance boots', async () => {
    const { coming } = await control('GET', 'bill');
    return Array.isArray(coming) && typeof coming[0] === 'string' && coming[0];
  });
  await eventually('the machine boots', async () => (await machines()).includes('unshare'));
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [pending] }));
  await eventually('the machine is gone', async () => (await machines()) === '');
  assert.deepEqual((await control('GET', 'bill')).coming, []);
});

test('ended while an instance boots, the sandbox ends after it', async (t) => {
  const { ec2, program, folder } = await startSandbox(t);
  await ec2.send(new RequestSpotFleetCommand({ SpotFleetRequestConfig: fleetOf() }));
  const bootingThere = (): string[] => {
    const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return processes.filter((id) => workingFolder(id).startsWith(join(folder, 'state/instances')));
  };
  await eventually('it boots', () => bootingThere().length > 0);
  program.kill('SIGTERM');
  const [code] = await once(program, 'exit');
  assert.equal(code, 0);
  assert.deepEqual(bootingThere(), []);
});

/** Of a process; empty when it has ended meanwhile. */
function workingFolder(id: string): string {
  try {
    return readlinkSync(`/proc/${id}/cwd`);
  } catch {
    return '';
  }
}
