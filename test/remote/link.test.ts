// A link against OpenSSH's own server: connecting, staying connected, and leaving nothing behind.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { eventually } from '../fixture/eventually.ts';
import { processesWith } from '../fixture/processes.ts';
import { startInstance } from './instance.ts';
import { connected, connectTo } from './link-fixture.ts';

const signal = new AbortController().signal;
const execute = promisify(execFile);

test('connects, shares an OpenSSH connection, and leaves nothing behind', async () => {
  await using instance = await startInstance();
  await using link = connectTo(instance.folder, instance.target);
  const transport = await eventually('the transport is there', () => link.transport());
  assert.equal(link.status().state, 'connected');
  assert.equal(link.status().hostKey, instance.target.hostKeys[0]?.split(' ').slice(0, 2).join(' '));
  const [program = '', ...words] = transport.command;
  const answer = await execute(program, [...words, transport.destination, 'echo "$SSH_CONNECTION"']);
  const again = await execute(program, [...words, transport.destination, 'echo "$SSH_CONNECTION"']);
  assert.match(answer.stdout, /127\.0\.0\.1/);
  assert.equal(again.stdout, answer.stdout, 'both sessions went over one connection');
  const { user, address, port, identityFile } = instance.target;
  const known = [
    '-o',
    `UserKnownHostsFile=${link.status().knownHostsFile}`,
    '-o',
    'GlobalKnownHostsFile=none',
  ];
  const strict = ['-F', 'none', '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=yes', ...known];
  const login = ['-i', identityFile, '-p', String(port), `${user}@${address}`, 'echo there'];
  assert.equal(
    (await execute('ssh', [...strict, ...login])).stdout,
    'there\n',
    "a user's own ssh verifies it too",
  );
  const { knownHostsFile } = link.status();
  assert.match(knownHostsFile ?? '', new RegExp(`/${instance.target.instanceId}\\.known_hosts$`));
  await link.close();
  await link.close();
  const ours = processesWith(instance.folder).filter((line) => /^(ssh|rsync) /.test(line));
  assert.deepEqual(ours, []);
  assert.deepEqual(await readdir(join(instance.folder, 'run/ssh')), []);
});

test('reconnects after an outage', async () => {
  await using instance = await startInstance();
  await using link = connectTo(instance.folder, instance.target);
  await eventually('the transport is there', () => link.transport());
  await instance.stop();
  await eventually(
    'the loss is seen',
    () => link.status().state === 'connecting' && link.status().difficulty,
  );
  await assert.rejects(link.flush(), { kind: 'ssh' });
  assert.ok(existsSync(link.status().knownHostsFile ?? ''), "it may be named in a user's own settings");
  assert.equal(link.transport(), undefined);
  await instance.start();
  await connected(link);
  assert.equal(link.status().difficulty, undefined);
  await link.flush();
  await eventually('the transport is back', () => link.transport());
});

test('a shared connection that is killed is started again', async () => {
  await using instance = await startInstance();
  await using link = connectTo(instance.folder, instance.target);
  await eventually('the transport is there', () => link.transport());
  const killed = sharingProcess(instance.folder);
  process.kill(killed, 'SIGKILL');
  await eventually('another one shares', () => {
    const found = sharingProcess(instance.folder);
    return found !== 0 && found !== killed && link.transport() !== undefined;
  });
});

test('a long runtime folder does not break the control socket', async () => {
  await using instance = await startInstance();
  const folder = join(instance.folder, 'a long and winding folder with 100% spaces'.repeat(4));
  await using link = connectTo(folder, instance.target);
  const transport = await eventually('the transport is there', () => link.transport());
  const [program = '', ...words] = transport.command;
  const answer = await execute(program, [...words, transport.destination, 'echo there']);
  assert.equal(answer.stdout, 'there\n');
});

test('spaces and percent signs in the runtime folder', async () => {
  await using instance = await startInstance();
  await using link = connectTo(join(instance.folder, '5% of "it"'), instance.target);
  await eventually('the transport is there', () => link.transport());
});

for (const shell of ['/bin/bash', '/bin/dash', '/usr/bin/fish', '/bin/csh', '/usr/bin/zsh']) {
  const isThere = hasProgram(shell);
  test(`scripts run whatever the login shell: ${shell}`, { skip: !isThere }, async () => {
    await using instance = await startInstance({ shell, greeting: 'Welcome! Have a $nice day' });
    await using link = connectTo(instance.folder, instance.target);
    await connected(link);
    await link.runCommands(["printf '%s' 'a!b\\c\n$HOME' > out"], {
      timeoutMs: 10_000,
      signal,
      ended: () => {},
    });
    assert.equal(execFileSync('cat', [join(instance.home, 'out')], { encoding: 'utf8' }), 'a!b\\c\n$HOME');
  });
}

for (const cipher of ['chacha20-poly1305@openssh.com', 'aes256-ctr']) {
  test(`a server that knows ${cipher} alone will do`, async () => {
    await using instance = await startInstance({ configuration: `Ciphers ${cipher}` });
    await using link = connectTo(instance.folder, instance.target);
    await eventually('the transport is there', () => link.transport());
  });
}

test('an ssh here that lacks one of our ciphers goes by its own', async () => {
  // As of one that was built without OpenSSL, or is held to other rules.
  const ssh = `#!/bin/sh
case "$*" in *Ciphers=*) echo "command-line line 0: Bad SSH2 cipher spec 'aes128-gcm@openssh.com'." >&2; exit 255 ;; esac
PATH=\${PATH#*:} exec ssh "$@"
`;
  await using instance = await startInstance({ programs: { ssh } });
  const environment = { ...process.env, PATH: `${instance.folder}/bin:${process.env['PATH'] ?? ''}` };
  await using link = connectTo(instance.folder, instance.target, () => {}, environment);
  await eventually('the transport is there', () => link.transport());
});

test('an image that answers with a sentence is a difficulty in words', async () => {
  const refusal = 'Please login as the user "ubuntu" rather than the user "root".';
  await using instance = await startInstance({ refusal });
  await using link = connectTo(instance.folder, instance.target);
  const difficulty = await eventually('the difficulty is told', () => link.status().difficulty);
  assert.equal(difficulty.kind, 'ssh');
  assert.match(difficulty.message, /Please login as the user "ubuntu"/);
});

function sharingProcess(folder: string): number {
  const lines = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  const line = lines.find((one) => one.includes('ControlMaster=yes') && one.includes(folder));
  return Number(line?.trim().split(' ')[0] ?? 0);
}

function hasProgram(path: string): boolean {
  try {
    execFileSync('test', ['-x', path]);
    return true;
  } catch {
    return false;
  }
}

test('what asks the shared connection to end has ended, too, when the link is closed', async () => {
  await using instance = await startInstance();
  const programs = join(instance.folder, 'slow');
  mkdirSync(programs);
  const ended = join(instance.folder, 'asked and ended');
  const path = process.env['PATH'] ?? '';
  writeFileSync(
    join(programs, 'ssh'),
    `#!/bin/sh\nPATH='${path}'\n[ "$1" = -O ] || exec ssh "$@"\nssh "$@"\nsleep 0.5\necho >'${ended}'\n`,
    { mode: 0o755 },
  );
  const link = connectTo(instance.folder, instance.target, () => {}, {
    ...process.env,
    PATH: `${programs}:${path}`,
  });
  await connected(link);
  await eventually('the shared connection is up', () => link.transport() !== undefined);
  await link.close();
  assert.ok(existsSync(ended));
});

test('once the link is closed, nothing of the shared connection runs', async () => {
  await using instance = await startInstance();
  for (let turn = 0; turn < 8; turn++) {
    await using link = connectTo(instance.folder, instance.target);
    await eventually('the transport is there', () => link.transport());
    await link.close();
    assert.deepEqual(
      processesWith(`${instance.folder}/run`).filter((line) => /^(ssh|sh) /.test(line)),
      [],
    );
  }
});
