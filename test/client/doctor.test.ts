// doctor: what is looked at on this machine, what portald tells, words, JSON and exit codes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite, test } from 'node:test';
import { judgeLimit } from '../../client/doctor/kernel.ts';
import { judgeRsync, judgeSsh } from '../../client/doctor/programs.ts';
import type { CheckView } from '../../protocol/check-view.ts';
import { everyFieldAsYaml } from '../protocol/original-document.ts';
import { temporaryFolder } from '../rpc/rpc-fixture.ts';
import { type ClientFixture, clientFixture, type Finished, startPortalctl } from './client-fixture.ts';

type Placed = CheckView & { where: string };

function told({ stdout }: Finished): { healthy: boolean; checks: Placed[] } {
  return JSON.parse(stdout) as { healthy: boolean; checks: Placed[] };
}

/** The level of each topic; of several with one topic the last. */
function levels(finished: Finished): Record<string, string> {
  return Object.fromEntries(told(finished).checks.map(({ topic, level }) => [topic, level]));
}

/** A fixture of whose own places nothing is wrong, with a specification `mine`. */
async function healthyBench(context: Parameters<typeof clientFixture>[0]): Promise<ClientFixture> {
  const fixture = await clientFixture(context);
  const { folder, environment, daemon } = fixture;
  chmodSync(dirname(fixture.path), 0o700);
  for (const name of ['src', 'results', '.ssh']) mkdirSync(join(folder, name));
  mkdirSync(join(folder, 'state'), { mode: 0o700 });
  daemon.diagnosis = {
    checks: [{ topic: 'credentials', level: 'fine', message: 'account 123456789012' }],
    stateFolder: join(folder, 'state'),
  };
  writeFileSync(
    join(folder, 'mine.yaml'),
    everyFieldAsYaml.replace(/identity_file: .*/, 'identity_file: key'),
  );
  environment['PATH'] = process.env['PATH'] ?? '';
  environment['LANG'] = 'C.UTF-8';
  return fixture;
}

function makeKey(folder: string, passphrase: string): void {
  spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-f', join(folder, 'key')]);
}

suite('portalctl doctor', () => {
  test('nothing is wrong: a line for each check, exit 0', async (context) => {
    const fixture = await healthyBench(context);
    makeKey(fixture.folder, '');
    const { exit, stdout, stderr } = await fixture.run('doctor', 'mine');
    assert.deepEqual([exit, stderr], [0, '']);
    for (const words of [
      /^this machine\n {2}✓ node +\d+\.\d+\.\d+\n/,
      /\n {2}✓ ssh +OpenSSH \d/,
      /\n {2}✓ socket folder +\/.* is yours alone\n {2}✓ socket +\/.* is yours alone\n/,
      /\n {2}✓ state folder +.*state is yours alone\n {2}✓ space +\d+ MiB left there\n/,
      /\n {2}✓ specification +mine\.yaml is valid\n {2}✓ identity file .* without a passphrase\n/,
      /\n\nportald and AWS\n {2}✓ credentials {2}account 123456789012\n\n(to fix|nothing to fix)\n/,
    ])
      assert.match(stdout, words);
    fixture.environment['LANG'] = 'C';
    assert.match((await fixture.run('doctor')).stdout, /\n {2}ok credentials {2}account/);
  });

  test('what portald finds; what is mended by the same is one thing to fix', async (context) => {
    const fixture = await healthyBench(context);
    const fix = 'aws iam …\nor otherwise';
    fixture.daemon.diagnosis = {
      ...fixture.daemon.diagnosis,
      checks: [
        { topic: 'ec2:A', level: 'problem', message: 'not allowed', fix },
        { topic: 'ec2:B', level: 'problem', message: 'not allowed', fix },
        { topic: 'iam:C', level: 'unknown', message: 'cannot be told\x1b[2J' },
        { topic: 'orphans', level: 'warning', message: 'one thing', fix: 'portalctl orphans' },
      ],
    };
    const inWords = await fixture.run('doctor');
    assert.equal(inWords.exit, 1);
    assert.match(
      inWords.stdout,
      /\n {2}✗ ec2:A {4}not allowed\n {2}✗ ec2:B {4}not allowed\n {2}\? iam:C {4}cannot be told\\x1b\[2J\n {2}! orphans {2}one thing\n/,
    );
    assert.match(
      inWords.stdout,
      /to fix\n(.*\n)* {2}\d\. ec2:A, ec2:B:\n {5}aws iam …\n {5}or otherwise\n {2}\d\. orphans:\n {5}portalctl orphans\n$/,
    );
    const json = await fixture.run('doctor', '--json');
    assert.deepEqual([json.exit, told(json).healthy], [1, false]);
    assert.deepEqual(
      told(json).checks.filter((one) => one.where === 'portald'),
      fixture.daemon.diagnosis.checks.map((one) => ({ where: 'portald', ...one })),
    );
  });

  test('without portald the rest is told, and how to start it: exit 1', async (context) => {
    const folder = temporaryFolder(context);
    const environment = { HOME: folder, PATH: process.env['PATH'] ?? '', XDG_RUNTIME_DIR: folder };
    const { exit, stdout, stderr } = await startPortalctl(context, ['doctor'], environment, folder).finished;
    assert.deepEqual([exit, stderr], [1, '']);
    assert.match(stdout, / {2}ok socket folder +.*portald is not there yet: portald makes it\n/);
    assert.match(
      stdout,
      / {2}X {2}portald +portald is not running: .*\n {2}\? {2}AWS +credentials, permissions/,
    );
    assert.match(stdout, /\. portald:\n {5}start it: portalctl daemon start/);
  });

  test('programs that are missing, places that others can write to', async (context) => {
    const fixture = await healthyBench(context);
    fixture.environment['PATH'] = '/nowhere';
    chmodSync(join(fixture.folder, 'state'), 0o777);
    const bad = await fixture.run('doctor', '--json');
    assert.equal(bad.exit, 1);
    const { rsync, ssh, 'state folder': state } = levels(bad);
    assert.deepEqual([rsync, ssh, state], ['problem', 'problem', 'problem']);
    const fix = told(bad).checks.find((one) => one.topic === 'state folder')?.fix;
    assert.equal(fix, `chmod 700 '${join(fixture.folder, 'state')}'`);
    chmodSync(join(fixture.folder, 'state'), 0o755);
    assert.equal(levels(await fixture.run('doctor', '--json'))['state folder'], 'warning');
  });

  test('a specification with mistakes; a key that needs the agent that portald sees', async (context) => {
    const fixture = await healthyBench(context);
    const missing = await fixture.run('doctor', 'mine', '--json');
    assert.deepEqual([missing.exit, levels(missing)['specification']], [1, 'problem']);
    const [problem] = told(missing).checks.filter((one) => one.topic === 'specification');
    assert.match(problem?.message ?? '', /^mine\.yaml:5:\d+: spot_instance\.identity_file: .*does not exist/);

    makeKey(fixture.folder, 'a passphrase');
    const locked = await fixture.run('doctor', 'mine', '--json');
    assert.deepEqual([locked.exit, levels(locked)['identity file']], [1, 'problem']);
    const [key] = told(locked).checks.filter((one) => one.topic === 'identity file');
    assert.match(key?.fix ?? '', /^eval "\$\(ssh-agent\)" && ssh-add '.*key', then start portald/);

    const agent = join(fixture.folder, 'agent');
    const { stdout } = spawnSync('ssh-agent', ['-a', agent], { encoding: 'utf8' });
    context.after(() => process.kill(Number(/SSH_AGENT_PID=(\d+)/.exec(stdout)?.[1])));
    fixture.daemon.diagnosis = { ...fixture.daemon.diagnosis, agentSocket: agent };
    const unheld = await fixture.run('doctor', 'mine', '--json');
    assert.match(
      told(unheld).checks.find((one) => one.topic === 'identity file')?.fix ?? '',
      /^SSH_AUTH_SOCK='.*agent' ssh-add '.*key'$/,
    );
    writeFileSync(join(fixture.folder, 'say'), '#!/bin/sh\necho a passphrase\n', { mode: 0o700 });
    spawnSync('ssh-add', ['-q', join(fixture.folder, 'key')], {
      env: {
        ...process.env,
        SSH_AUTH_SOCK: agent,
        SSH_ASKPASS: join(fixture.folder, 'say'),
        SSH_ASKPASS_REQUIRE: 'force',
        DISPLAY: ':0',
      },
    });
    const held = await fixture.run('doctor', 'mine', '--json');
    assert.deepEqual([held.exit, levels(held)['identity file']], [0, 'fine']);

    writeFileSync(join(fixture.folder, 'key'), '-----BEGIN OPENSSH PRIVATE KEY-----');
    assert.equal(levels(await fixture.run('doctor', 'mine', '--json'))['identity file'], 'problem');
  });

  test('wrong use', async (context) => {
    const fixture = await healthyBench(context);
    assert.equal((await fixture.run('doctor', 'a', 'b')).exit, 2);
    assert.equal((await fixture.run('doctor', 'nobody')).exit, 4);
  });
});

test('which rsync, ssh and limits are fine', () => {
  const ran = (text: string) => ({ code: 0, stdout: text, stderr: '' });
  const rsync = (version: string, protocol: number) =>
    judgeRsync(ran(`rsync  version ${version}  protocol version ${protocol}\n`), 'linux').level;
  assert.deepEqual(
    [rsync('2.6.9', 29), rsync('3.1.2', 31), rsync('3.1.3', 31), rsync('3.2.7', 31), rsync('3.5.0', 32)],
    ['problem', 'problem', 'warning', 'warning', 'fine'],
  );
  const message = (version: string): string =>
    judgeRsync(ran(`rsync  version ${version}  protocol version 31\n`), 'linux').message;
  for (const version of ['3.1.3', '3.2.7', '3.3.0']) assert.match(message(version), /CVE-2024-12087/);
  for (const version of ['3.4.0', '3.5.0']) assert.doesNotMatch(message(version), /CVE/);
  const openrsync = judgeRsync(
    ran('openrsync: protocol version 29\nrsync version 2.6.9 compatible\n'),
    'darwin',
  );
  assert.deepEqual([openrsync.level, openrsync.fix], ['problem', 'brew install rsync']);
  assert.equal(judgeRsync(undefined, 'linux').level, 'problem');
  assert.equal(judgeSsh({ code: 0, stdout: '', stderr: 'Dropbear v2022.83\n' }, 'linux').level, 'problem');
  assert.equal(judgeSsh({ code: 0, stdout: '', stderr: 'OpenSSH_9.2p1 Debian\n' }, 'linux').level, 'fine');
  assert.equal(judgeLimit('max_user_watches', 8192).level, 'warning');
  assert.equal(judgeLimit('max_user_watches', 524_288).level, 'fine');
  assert.equal(judgeLimit('max_user_instances', Number.NaN).level, 'unknown');
});
