// Where things are, from the environment alone.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  checkSocketPath,
  configurationPath,
  type Environment,
  portalsFolder,
  socketPath,
  stateFolder,
} from '../../protocol/paths.ts';

suite('paths', () => {
  const HOME = '/home/me';
  const cases: readonly (readonly [typeof socketPath, Environment, string])[] = [
    [stateFolder, { HOME }, '/home/me/.local/state/portald'],
    [stateFolder, { HOME, XDG_STATE_HOME: '/state/' }, '/state/portald'],
    [stateFolder, { HOME, XDG_STATE_HOME: 'relative' }, '/home/me/.local/state/portald'],
    [stateFolder, { PORTALD_STATE_DIR: '/var/lib/portald-me' }, '/var/lib/portald-me'],
    [stateFolder, { HOME, PORTALD_STATE_DIR: '' }, '/home/me/.local/state/portald'],
    [socketPath, { HOME }, '/home/me/.local/state/portald/portald.sock'],
    [socketPath, { HOME, PORTALD_STATE_DIR: '/s' }, '/s/portald.sock'],
    [socketPath, { HOME, XDG_RUNTIME_DIR: '/run/user/1000' }, '/run/user/1000/portald/portald.sock'],
    [socketPath, { XDG_RUNTIME_DIR: '/run/user/1000', PORTALD_SOCKET: '/tmp/p' }, '/tmp/p'],
    [configurationPath, { HOME }, '/home/me/.config/portald/config.yaml'],
    [configurationPath, { XDG_CONFIG_HOME: '/c' }, '/c/portald/config.yaml'],
    [configurationPath, { PORTALD_CONFIG: '/p.yaml' }, '/p.yaml'],
    [portalsFolder, { HOME }, '/home/me/.config/portald/portals'],
  ];
  for (const [compute, environment, expected] of cases) {
    test(`${compute.name} of ${JSON.stringify(environment)}`, () => {
      assert.equal(compute(environment), expected);
    });
  }

  test('what cannot be used is named', () => {
    assert.throws(() => stateFolder({}), /HOME is not set to an absolute path/);
    assert.throws(() => stateFolder({ PORTALD_STATE_DIR: 'here' }), /PORTALD_STATE_DIR is "here"/);
    assert.throws(() => socketPath({ PORTALD_SOCKET: 'p.sock' }), /PORTALD_SOCKET is "p\.sock"/);
  });

  test('a socket path ends at 107 bytes on Linux and 103 on macOS, counted in bytes', () => {
    const path = (bytes: number): string => `/${'x'.repeat(bytes - 1)}`;
    checkSocketPath(path(107), 'linux');
    checkSocketPath(path(103), 'darwin');
    assert.throws(() => checkSocketPath(path(108), 'linux'), /has 108 bytes; the system allows 107/);
    assert.throws(() => checkSocketPath(path(104), 'darwin'), /has 104 bytes; the system allows 103/);
    assert.throws(() => checkSocketPath(`/${'ö'.repeat(54)}`, 'linux'), /has 109 bytes/);
  });
});
