// Addresses with a password, or a token in its place, are written to no file of a service; others are.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ownProgram } from '../../client/service/own-program.ts';
import { takeEnvironment } from '../../client/service/taken-environment.ts';

const user = { name: 'alice', uid: 1000, gid: 1000, home: '/home/alice' };

function taken(environment: Record<string, string>): Record<string, string> {
  const { variables } = takeEnvironment(environment, {
    scope: { systemUser: undefined, user, environment },
    workingFolder: '/project',
    earlier: new Map(),
    platform: 'linux',
  });
  return Object.fromEntries(variables);
}

for (const value of ['http://u:p@x:1', 'u:p@x:1', 'http://token@x', 'https://u:p/w@x']) {
  test(`${value} as a proxy is refused`, () => {
    assert.throws(() => taken({ HTTPS_PROXY: value }), {
      kind: 'credentials',
      message: /^HTTPS_PROXY holds a password/,
    });
  });
}

test('addresses without one, and paths with an at sign, are taken', () => {
  const environment = { https_proxy: 'http://proxy:3128', AWS_CONFIG_FILE: '/home/a@b/config' };
  assert.deepEqual(taken(environment), environment);
});

test('folders that end with a login are not on the path of a service, relative paths become absolute', () => {
  const XDG_RUNTIME_DIR = '/run/user/1000';
  const path = [
    '/run/user/1000/fnm_multishells/12_34/bin',
    '/home/alice/.local/state/fnm_multishells/12_34/bin',
    '/home/alice/.npm/_npx/12ab/node_modules/.bin',
    '/tmp/tools',
    '/home/alice/.asdf/shims',
    '/run/current-system/sw/bin',
    'relative',
    '/usr/bin',
  ].join(':');
  const environment = {
    XDG_RUNTIME_DIR,
    PATH: path,
    PORTALD_STATE_DIR: 'state',
    PORTALD_CONFIG: './portald.yaml',
    PORTALD_SOCKET: '/home/alice/portald.sock',
  };
  assert.deepEqual(taken(environment), {
    PATH: '/home/alice/.asdf/shims:/run/current-system/sw/bin:/usr/bin',
    PORTALD_STATE_DIR: '/project/state',
    PORTALD_CONFIG: '/project/portald.yaml',
    PORTALD_SOCKET: '/home/alice/portald.sock',
  });
});

test('the Node of a service is found by a name that lasts', (context) => {
  const folder = mkdtempSync(join(homedir(), 'portald-node-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const names = ['fnm_multishells/1_2/bin', 'lasting/bin'].map((name) => join(folder, name));
  for (const name of names) {
    mkdirSync(name, { recursive: true });
    symlinkSync(process.execPath, join(name, 'node'));
  }
  assert.equal(ownProgram({ PATH: names.join(':') }).node, join(folder, 'lasting/bin/node'));
  assert.equal(ownProgram({ PATH: names[0] }).node, process.execPath);
});
