// Addresses with a password, or a token in its place, are written to no file of a service; others are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { takeEnvironment } from '../../client/service/taken-environment.ts';

const user = { name: 'alice', uid: 1000, gid: 1000, home: '/home/alice' };

function taken(environment: Record<string, string>): Record<string, string> {
  const { variables } = takeEnvironment(environment, {
    scope: { systemUser: undefined, user, environment },
    workingFolder: '/work',
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
