// Every way in which an identity file can be of no use, each with its own sentence; keys made by ssh-keygen and openssl.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readIdentity } from '../../daemon/remote/identity.ts';
import { isSamePublicKey } from '../../daemon/remote/public-key.ts';
import { eventually } from '../fixture/eventually.ts';

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'portald-test-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function makeKey(path: string, ...words: string[]): void {
  execFileSync('ssh-keygen', ['-q', '-N', '', '-C', 'a comment', '-f', path, ...words]);
}

const forms: Readonly<Record<string, readonly string[]>> = {
  'RSA in OpenSSH form': ['-t', 'rsa', '-b', '2048'],
  'RSA in PEM form': ['-t', 'rsa', '-b', '2048', '-m', 'PEM'],
  'RSA in PKCS#8 form': ['-t', 'rsa', '-b', '2048', '-m', 'PKCS8'],
  ed25519: ['-t', 'ed25519'],
  'ECDSA in OpenSSH form': ['-t', 'ecdsa', '-b', '256'],
  'ECDSA in PEM form': ['-t', 'ecdsa', '-b', '384', '-m', 'PEM'],
  'ECDSA in PKCS#8 form': ['-t', 'ecdsa', '-b', '521', '-m', 'PKCS8'],
};

for (const [form, words] of Object.entries(forms)) {
  test(`reads ${form} and tells its public key`, () =>
    inFolder(async (folder) => {
      makeKey(join(folder, 'key'), ...words);
      const identity = await readIdentity(join(folder, 'key'), {});
      const publicKey = await readFile(join(folder, 'key.pub'), 'utf8');
      assert.ok(isSamePublicKey(identity.publicKey, publicKey));
      assert.notEqual(identity.privateKey, undefined);
      assert.ok(!isSamePublicKey(identity.publicKey, 'ssh-rsa AAAA'));
    }));
}

test('says what is wrong with a file that is of no use', () =>
  inFolder(async (folder) => {
    makeKey(join(folder, 'key'), '-t', 'ed25519');
    await chmod(join(folder, 'key.pub'), 0o644);
    await mkdir(join(folder, 'folder'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    await writeFile(join(folder, 'shared'), await readFile(join(folder, 'key')), { mode: 0o640 });
    await writeFile(join(folder, 'putty'), 'PuTTY-User-Key-File-3: ssh-ed25519\n', { mode: 0o600 });
    await writeFile(join(folder, 'text'), 'hello\n', { mode: 0o600 });
    await writeFile(join(folder, 'empty'), '', { mode: 0o600 });
    const broken = (await readFile(join(folder, 'key'), 'utf8')).slice(0, 200);
    await writeFile(join(folder, 'broken'), broken, { mode: 0o600 });
    const expected: Readonly<Record<string, RegExp>> = {
      missing: /does not exist/,
      'key/below': /does not exist/,
      folder: /is a folder/,
      pipe: /is not a regular file/,
      shared: /can be read by others/,
      'key.pub': /is a public key/,
      putty: /PuTTY/,
      text: /not a private key/,
      empty: /not a private key/,
      broken: /not a private key/,
    };
    for (const [name, message] of Object.entries(expected)) {
      await assert.rejects(readIdentity(join(folder, name), {}), { kind: 'identity-file', message }, name);
    }
    await assert.rejects(readIdentity(join(folder, 'key.pub'), {}), {
      hint: `name the private key that belongs to it: ${join(folder, 'key')}`,
    });
  }));

for (const form of ['OpenSSH', 'PEM']) {
  test(`a key with a passphrase (${form}) is left to the agent that holds it`, () =>
    inFolder(async (folder) => {
      const path = join(folder, 'key');
      makeKey(path, '-t', 'rsa', '-b', '2048', ...(form === 'PEM' ? ['-m', 'PEM'] : []));
      execFileSync('cp', ['-p', path, join(folder, 'open')]);
      execFileSync('ssh-keygen', [
        '-q',
        '-p',
        '-P',
        '',
        '-N',
        'secret',
        '-f',
        path,
        ...(form === 'PEM' ? ['-m', 'PEM'] : []),
      ]);
      if (form === 'OpenSSH') await rm(`${path}.pub`);
      const expected = { kind: 'identity-file', message: /passphrase/, hint: /ssh-add/ };
      await assert.rejects(readIdentity(path, {}), expected);
      const agentSocket = join(folder, 'agent');
      const agent = spawn('ssh-agent', ['-D', '-a', agentSocket], { stdio: 'ignore' });
      try {
        const environment = { SSH_AUTH_SOCK: agentSocket };
        await eventually('the agent listens', () => tries('ssh-add', ['-D'], environment));
        await assert.rejects(readIdentity(path, environment), expected);
        execFileSync('ssh-add', ['-q', join(folder, 'open')], { env: environment });
        const identity = await readIdentity(path, environment);
        assert.equal(identity.agentSocket, agentSocket);
        assert.equal(identity.privateKey, undefined);
      } finally {
        agent.kill();
      }
    }));
}

function tries(program: string, words: string[], environment: NodeJS.ProcessEnv): boolean {
  try {
    execFileSync(program, words, { env: { ...process.env, ...environment }, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
