// The Debian package by dpkg itself, in a folder instead of the machine: installed, run, upgraded, removed, purged.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildPackage } from '../../package/deb/package.ts';
import { temporaryFolder } from '../rpc/rpc-fixture.ts';
import { build, clone } from './built.ts';

const isThere = process.getuid?.() === 0 && spawnSync('dpkg-deb', ['--version']).status === 0;
const skip = !isThere && 'needs root and dpkg';

// dpkg waits for the disk after each of thousands of files; in memory nothing has to be waited for.
if (existsSync('/dev/shm')) process.env['TMPDIR'] = '/dev/shm';

test('installed, upgraded, removed and purged, and the records stay', { skip }, async (context) => {
  const folder = temporaryFolder(context);
  const dist = join(folder, 'dist');
  await build(dist, '1.0.0');
  // Node itself has more than 100 MB, which would be written a dozen times: a word that leads to it will do.
  const node = join(folder, 'node');
  writeFileSync(node, `#!/bin/sh\nexec '${process.execPath}' "$@"\n`);
  const make = (version: string, into: string): Promise<string> => {
    mkdirSync(into, { recursive: true });
    const maintainer = 'The portald authors <portald@example.org>';
    return buildPackage({
      clone,
      dist,
      node,
      into,
      version,
      maintainer,
      atS: 1_790_000_000,
      compression: 'none',
    });
  };
  const release = await make('1.0.0', folder);
  const again = await make('1.0.0', join(folder, 'again'));
  assert.ok(readFileSync(release).equals(readFileSync(again)), 'the same bytes');
  const before = await make('1.0.0-rc.1', folder);

  const root = join(folder, 'root');
  mkdirSync(join(root, 'var/lib/dpkg/updates'), { recursive: true });
  for (const name of ['status', 'available']) writeFileSync(join(root, 'var/lib/dpkg', name), '');
  const dpkg = (...words: string[]): string =>
    execFileSync(
      'dpkg',
      [`--root=${root}`, '--force-script-chrootless', '--force-depends', '--force-unsafe-io', ...words],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    );
  const installed = (): string =>
    execFileSync('dpkg-query', [`--root=${root}`, '-W', '-f', '${Version} ${db:Status-Status}', 'portald'], {
      encoding: 'utf8',
    });

  dpkg('-i', before);
  assert.equal(installed(), '1.0.0~rc.1-1 installed');
  dpkg('-i', release);
  assert.equal(installed(), '1.0.0-1 installed');
  assert.equal(dpkg('--verify', 'portald'), '');

  for (const path of [
    'usr/share/bash-completion/completions/portalctl',
    'usr/share/zsh/vendor-completions/_portalctl',
    'usr/share/fish/vendor_completions.d/portalctl.fish',
    'usr/share/man/man1/portald.1.gz',
    'usr/share/man/man1/portalctl-open.1.gz',
    'usr/share/man/man5/portal-specification.5.gz',
    'usr/lib/systemd/system/portald@.service',
    'usr/lib/systemd/user/portald.service',
    'usr/lib/portald/systemd/portald.service',
    ...['copyright', 'changelog.gz', 'README.md', 'iam-policy.json'].map(
      (name) => `usr/share/doc/portald/${name}`,
    ),
  ])
    assert.ok(existsSync(join(root, path)), path);
  const packages = readdirSync(join(root, 'usr/lib/portald/node_modules'));
  assert.deepEqual(
    packages.filter((name) => ['typescript', 'node', '@biomejs', 'oxlint'].includes(name)),
    [],
  );
  const home = join(root, 'usr/lib/portald');
  for (const name of ['portald', 'portalctl', 'portal-sandbox']) {
    const wrapper = readFileSync(join(root, 'usr/bin', name), 'utf8').replaceAll('/usr/lib/portald', home);
    const told = execFileSync('sh', ['-c', wrapper, name, '--version'], { encoding: 'utf8', env: {} });
    assert.match(told, new RegExp(`^${name} \\d`));
  }

  const record = join(root, 'var/lib/portald-alice/portals/gpu.json');
  mkdirSync(join(record, '..'), { recursive: true });
  writeFileSync(record, '{}');
  const wants = join(root, 'etc/systemd/system/multi-user.target.wants');
  mkdirSync(wants, { recursive: true });
  symlinkSync('/usr/lib/systemd/system/portald@.service', join(wants, 'portald@alice.service'));

  assert.match(dpkg('-r', 'portald'), /portals that were not closed stay open in AWS, and are billed/);
  assert.deepEqual(
    ['usr/lib/portald', 'usr/bin/portald'].filter((path) => existsSync(join(root, path))),
    [],
  );
  assert.deepEqual(readdirSync(wants), ['portald@alice.service']);
  assert.match(dpkg('-P', 'portald'), /records stay in \/var\/lib\/portald-\*/);
  assert.deepEqual(readdirSync(wants), []);
  assert.equal(readFileSync(record, 'utf8'), '{}');
});
