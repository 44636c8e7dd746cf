// Instances whose rsync is missing or old: told, and installed if the user allows it.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../fixture/eventually.ts';
import { patient, startChannelFixture } from './channel-fixture.ts';

const outbound = { direction: 'out', local_path: './', remote_path: '~/there/', recursive: true } as const;
const onlyPrograms = ['sh', 'mkdir', 'head', 'id', 'cat', 'ln', 'dirname', 'sleep'];

/** A package manager that "installs" by a link, where it may. */
const apt = `#!/bin/sh
echo "$*" >>~/asked
case $1 in install) [ -e ~/updated ] && ln -s /usr/bin/rsync "$(dirname "$0")/rsync" ;; update) echo >~/updated ;; esac
`;
const sudo = '#!/bin/sh\nshift; exec "$@"\n';

test('without rsync on the instance it is told what to do, and nothing is installed unasked', async () => {
  await using fixture = await startChannelFixture({ onlyPrograms, programs: { 'apt-get': apt, sudo } });
  const channel = fixture.open(outbound);
  channel.resume(await fixture.transport());
  await eventually('it is told', () => channel.view().error !== undefined);
  assert.match(channel.view().error ?? '', /^rsync is not installed on the instance \(.*install_rsync: true/);
  assert.ok(!existsSync(join(fixture.instance.home, 'asked')));
});

test('rsync is installed by the package manager, if that is allowed', async () => {
  const programs = { 'apt-get': apt, sudo };
  await using fixture = await startChannelFixture({ onlyPrograms, programs, installsRsync: true });
  writeFileSync(join(fixture.local, 'file'), 'x');
  const channel = fixture.open(outbound);
  channel.resume(await fixture.transport());
  await channel.synchronise(patient);
  assert.equal(readFileSync(join(fixture.remote, 'file'), 'utf8'), 'x');
  assert.equal(
    readFileSync(join(fixture.instance.home, 'asked'), 'utf8'),
    'install -y -q -o DPkg::Lock::Timeout=120 rsync\nupdate -q\ninstall -y -q -o DPkg::Lock::Timeout=120 rsync\n',
  );
});

test('why rsync cannot be installed is told', async () => {
  const programs = { 'apt-get': '#!/bin/sh\necho "E: no mirror" >&2\nexit 100\n', sudo };
  await using fixture = await startChannelFixture({ onlyPrograms, programs, installsRsync: true });
  const channel = fixture.open(outbound);
  channel.resume(await fixture.transport());
  await eventually('it is told', () => channel.view().error !== undefined);
  assert.match(channel.view().error ?? '', /not installed on the instance, and cannot be: E: no mirror \(/);
});

for (const [text, expected] of [
  [
    'rsync  version 2.6.9  protocol version 29',
    /^the rsync of the instance \(rsync {2}version 2\.6\.9.*none of version 3\.1\.3/,
  ],
  // It would take two saves of one size within a second for one.
  [
    'rsync  version 3.1.2  protocol version 31',
    /^the rsync of the instance \(rsync {2}version 3\.1\.2.*none of version 3\.1\.3/,
  ],
  ['openrsync: protocol version 29', /^the rsync of the instance \(openrsync.*none of version 3\.1\.3/],
] as const) {
  test(`an instance with "${text}" is told of`, async () => {
    await using fixture = await startChannelFixture({ programs: { rsync: `#!/bin/sh\necho '${text}'\n` } });
    const channel = fixture.open(outbound);
    channel.resume(await fixture.transport());
    await eventually('it is told', () => channel.view().error !== undefined);
    assert.match(channel.view().error ?? '', expected);
  });
}

test('with an rsync before 3.2 there, saves go by passes, and that is told', async () => {
  const old = `#!/bin/sh
[ "$*" = --version ] && echo 'rsync  version 3.1.3  protocol version 31' && exit
exec /usr/bin/rsync "$@"
`;
  await using fixture = await startChannelFixture({ programs: { rsync: old } });
  const channel = fixture.open({ ...outbound, delay: 0 });
  channel.resume(await fixture.transport());
  await channel.synchronise(patient);
  assert.match(channel.view().note ?? '', /before 3\.2.*pass/);
  writeFileSync(join(fixture.local, 'file'), 'x');
  await eventually('it arrives', () => existsSync(join(fixture.remote, 'file')));
  assert.equal(channel.view().arrival, undefined);
});
