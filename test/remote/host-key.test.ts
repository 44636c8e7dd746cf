// Host keys: made, given to cloud-init, read from the console.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { hostKeysOfConsole } from '../../daemon/remote/console-host-keys.ts';
import { generateHostKey, seedingUserData } from '../../daemon/remote/host-key.ts';
import { hostKeyAlgorithms } from '../../daemon/remote/pinned-host-keys.ts';
import { isSamePublicKey, keyBytes } from '../../daemon/remote/public-key.ts';

test('every generated pair is one that OpenSSH takes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'portald-test-'));
  try {
    const hostKey = generateHostKey();
    writeFileSync(`${folder}/key`, hostKey.privateKey, { mode: 0o600 });
    const publicKey = execFileSync('ssh-keygen', ['-y', '-f', `${folder}/key`], { encoding: 'utf8' });
    assert.ok(isSamePublicKey(publicKey, hostKey.publicKey));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('no generated key lacks a byte', () => {
  // The library drops a leading zero byte, once in 256.
  for (let count = 0; count < 1500; count++) {
    assert.equal(keyBytes(generateHostKey().publicKey).length, 51);
  }
});

test('the user data bring the key through YAML unharmed', () => {
  const hostKey = generateHostKey();
  const userData = seedingUserData(hostKey);
  assert.match(userData, /^#cloud-config\n/);
  assert.deepEqual(parse(userData), {
    ssh_deletekeys: true,
    ssh_keys: { ed25519_private: hostKey.privateKey, ed25519_public: hostKey.publicKey },
  });
});

const ed25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIF9MgRHIpqEgkpJqp7mkDvBr5F4tFYbfkvyHgohaELf1';

test('keys are found on a console as consoles are', () => {
  const text = [
    'ci-info: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA not in the block',
    '<14>Nov 23 10:00:00 cloud-init: -----BEGIN SSH HOST KEY KEYS-----',
    '[   12.345678] random: crng init done',
    `<14>Nov 23 10:00:00 cloud-init: ${ed25519} root@ip-10-0-0-1`,
    'ssh-rsa not-a-key root@ip-10-0-0-1',
    'ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAA of another type',
    '-----END SSH HOST KEY KEYS-----',
    'login: ',
  ].join('\r\n');
  assert.deepEqual(hostKeysOfConsole(text), [ed25519]);
});

test('an unfinished block is not read, the last whole one is', () => {
  const begin = '-----BEGIN SSH HOST KEY KEYS-----';
  const end = '-----END SSH HOST KEY KEYS-----';
  assert.deepEqual(hostKeysOfConsole(''), []);
  assert.deepEqual(hostKeysOfConsole(`${begin}\n${ed25519}\n`), []);
  const other = generateHostKey().publicKey;
  const rebooted = `${begin}\n${other}\n${end}\n${begin}\n${ed25519}\n${end}\n${begin}\n`;
  assert.deepEqual(hostKeysOfConsole(rebooted), [ed25519]);
});

test('only algorithms of pinned keys are offered, and none with SHA-1', () => {
  assert.deepEqual(hostKeyAlgorithms([ed25519]), ['ssh-ed25519']);
  const rsa = `ssh-rsa ${Buffer.from('\0\0\0\x07ssh-rsa\0\0\0\x01\x03').toString('base64')}`;
  assert.deepEqual(hostKeyAlgorithms([rsa]), ['rsa-sha2-512', 'rsa-sha2-256']);
  assert.ok(!hostKeyAlgorithms([]).includes('ssh-rsa'));
});
