// Every kind of key logs in, by ssh2 and by OpenSSH; and a killed program leaves no ssh behind.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { createRemote } from '../../daemon/remote/remote.ts';
import { eventually } from '../fixture/eventually.ts';
import { processesWith } from '../fixture/processes.ts';
import { startInstance } from './instance.ts';
import { connectTo, silentLog } from './link-fixture.ts';

const kinds: Readonly<Record<string, readonly string[]>> = {
  'RSA as AWS gives it': ['-t', 'rsa', '-b', '2048', '-m', 'PEM'],
  'RSA in PKCS#8 form': ['-t', 'rsa', '-b', '2048', '-m', 'PKCS8'],
  ECDSA: ['-t', 'ecdsa'],
};

for (const [kind, identityKind] of Object.entries(kinds)) {
  test(`logs in with ${kind}`, async () => {
    await using instance = await startInstance({ identityKind });
    await using link = connectTo(instance.folder, instance.target);
    await eventually('the transport is there', () => link.transport());
    await link.flush();
  });
}

test('logs in by the agent, which shows the server only the one key', async () => {
  await using instance = await startInstance();
  const { identityFile } = instance.target;
  const agentSocket = join(instance.folder, 'agent');
  const agent = spawn('ssh-agent', ['-D', '-a', agentSocket], { stdio: 'ignore' });
  const environment = { ...process.env, SSH_AUTH_SOCK: agentSocket };
  try {
    await eventually('the agent listens', () => processesWith(agentSocket).length > 0 && added('-D'));
    // More keys than a server lets a client try.
    for (let count = 0; count < 7; count++) {
      const other = join(instance.folder, `other-${count}`);
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', other]);
      assert.ok(added(other));
    }
    assert.ok(added(identityFile));
    execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'secret', '-f', identityFile]);
    const remote = createRemote({
      runtimeFolder: join(instance.folder, 'run'),
      environment,
      log: silentLog,
      now: () => Date.now(),
      random: () => 0.5,
    });
    const link = remote.connect(instance.target, () => {});
    try {
      await eventually('the transport is there', () => link.transport());
    } finally {
      await link.close();
    }
  } finally {
    agent.kill();
  }

  function added(what: string): boolean {
    try {
      execFileSync('ssh-add', ['-q', what], { env: environment, stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  }
});

test('a program killed by SIGKILL leaves no ssh behind', async () => {
  await using instance = await startInstance();
  const program = join(import.meta.dirname, 'link-program.ts');
  const words = [program, instance.folder, JSON.stringify(instance.target)];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(child.stdout, 'data');
    const shared = (): string[] => processesWith(instance.folder).filter((line) => line.startsWith('ssh '));
    assert.equal(shared().length, 1);
    child.kill('SIGKILL');
    await eventually('ssh is gone', () => shared().length === 0);
  } finally {
    child.kill('SIGKILL');
  }
});
