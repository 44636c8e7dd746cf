// Bad input and faults, by the real programs: one clear sentence each, the right exit code, and nothing is changed.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runToEnd } from '../fixture/programs.ts';
import { type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';
import type { ExampleSpecification } from '../fixture/specification.ts';

let fixture: ProgramsFixture;
before(async () => {
  fixture = await startProgramsFixture('portald-bad-');
  await fixture.startPortald();
  const env = { PATH: process.env['PATH'] ?? '' };
  for (const [name, passphrase] of [
    ['locked', 'secret'],
    ['other', ''],
  ] as const) {
    const path = join(fixture.project, name);
    const made = await runToEnd('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-f', path], { env });
    assert.equal(made.code, 0, made.stderr);
  }
  copyFileSync(join(fixture.project, 'key'), join(fixture.project, 'open-key'));
  chmodSync(join(fixture.project, 'open-key'), 0o640);
});
after(() => fixture?.end());

type Change = (example: ExampleSpecification) => unknown;

const instance =
  (change: object): Change =>
  (example) => ({ ...example, spot_instance: { ...example.spot_instance, ...change } });
const channel =
  (change: object): Change =>
  (example) => ({ ...example, channels: [{ ...example.channels[0], ...change }] });
const volume =
  (change: object): Change =>
  (example) => ({ ...example, persistent_volumes: [{ ...example.persistent_volumes[0], ...change }] });

const rows: [what: string, change: Change, code: number, kind: string, says: RegExp][] = [
  [
    'an unknown field',
    instance({ instance_typ: 'x' }),
    2,
    'specification-invalid',
    /instance_typ.*did you mean "instance_type"/,
  ],
  ['a missing field', instance({ image_id: undefined }), 2, 'specification-invalid', /"image_id" is missing/],
  [
    'a wrong type',
    instance({ ebs_optimized: 'yes' }),
    2,
    'specification-invalid',
    /ebs_optimized: must be true or false/,
  ],
  [
    'a wrong direction',
    channel({ direction: 'both' }),
    2,
    'specification-invalid',
    /must be one of "in", "out"/,
  ],
  [
    'an option as user',
    instance({ remote_user: '-oProxyCommand=x' }),
    2,
    'specification-invalid',
    /remote_user/,
  ],
  [
    'packages without an environment',
    instance({ extra_python_packages: ['tqdm'], python_virtual_env: undefined }),
    2,
    'specification-invalid',
    /python_virtual_env/,
  ],
  [
    'no identity file',
    instance({ identity_file: 'nowhere' }),
    2,
    'specification-invalid',
    /:\d+:\d+: spot_instance.identity_file: .*nowhere/,
  ],
  [
    'an identity file that others can read',
    instance({ identity_file: 'open-key' }),
    2,
    'specification-invalid',
    /open-key/,
  ],
  [
    'an identity file with a passphrase',
    instance({ identity_file: 'locked' }),
    2,
    'specification-invalid',
    /passphrase/,
  ],
  [
    'a public key as identity file',
    instance({ identity_file: 'key.pub' }),
    2,
    'specification-invalid',
    /key\.pub/,
  ],
  [
    'an identity file of another pair',
    instance({ identity_file: 'other' }),
    1,
    'key-pair',
    /does not belong to key pair laptop/,
  ],
  [
    'two mistakes on this machine',
    (example) => ({
      ...example,
      spot_instance: { ...example.spot_instance, identity_file: 'nowhere' },
      channels: [{ ...example.channels[0], local_path: 'neither/' }],
    }),
    2,
    'specification-invalid',
    /nowhere[^]*neither[^]*2 mistakes/,
  ],
  ['an unknown key pair', instance({ key_pair_name: 'nobody' }), 1, 'key-pair', /nobody/],
  [
    'a missing local path',
    channel({ local_path: 'nowhere/' }),
    2,
    'specification-invalid',
    /:\d+:\d+: channels\[0\].local_path: .*nowhere/,
  ],
  [
    'a volume in another zone',
    volume({ volume_id: 'vol-0fedcba9876543210' }),
    1,
    'zone',
    /is in eu-central-1b/,
  ],
  [
    'an unknown volume',
    volume({ volume_id: 'vol-0aaaaaaaaaaaaaaaa' }),
    1,
    'not-found',
    /vol-0aaaaaaaaaaaaaaaa/,
  ],
  [
    'an unknown image',
    instance({ image_id: 'ami-0aaaaaaaaaaaaaaaa' }),
    1,
    'not-found',
    /ami-0aaaaaaaaaaaaaaaa/,
  ],
  [
    'channels that lie on each other',
    (example) => ({
      ...example,
      channels: [example.channels[0], { ...example.channels[0], direction: 'in' }],
    }),
    2,
    'specification-invalid',
    /json:\d+:\d+: channels\[1\]: carries files back and forth with channels\[0\]/,
  ],
  ['a subnet of another zone', instance({ subnet_id: 'subnet-00000000000000002' }), 1, 'zone', /subnet-0/],
];

async function changes(): Promise<number> {
  return (await fixture.control.get<{ changing: number }>('calls')).changing;
}

for (const [index, [what, change, code, kind, says]] of rows.entries()) {
  test(`${what}: ${kind}, exit ${code}`, async () => {
    const name = `row-${index}`;
    fixture.specify(name, change);
    const before = await changes();
    const forPeople = await fixture.portalctl(['open', name]);
    assert.equal(forPeople.code, code, forPeople.stderr);
    assert.match(forPeople.stderr, says);
    assert.doesNotMatch(forPeople.stdout, /open/, 'nothing says that it is being opened');
    const forScripts = await fixture.portalctl(['open', name, '--json']);
    assert.equal(forScripts.code, code);
    assert.equal((JSON.parse(forScripts.stdout) as { error: { kind: string } }).error.kind, kind);
    assert.equal(await changes(), before, 'nothing was changed in EC2');
    assert.equal((await fixture.portalctl(['status', name])).code, 4, 'no portal was made');
  });
}

test('mistakes are told with file, line and column, all at once', async () => {
  const path = join(fixture.project, 'places.yaml');
  writeFileSync(
    path,
    'spot_instance:\n  instance_type: 7\nspot_fleet: {}\npersistent_volumes: []\nchannels: 3\n',
  );
  const told = await fixture.portalctl(['open', 'places']);
  assert.equal(told.code, 2);
  assert.match(told.stderr, /^places\.yaml:2:18: spot_instance\.instance_type: must be a string/m);
  assert.match(told.stderr, /^places\.yaml:3:13: spot_fleet: "iam_fleet_role" is missing/m);
  assert.match(told.stderr, /^places\.yaml:5:11: channels: must be a list/m);
});

test("credentials of another account than the client's are refused", async () => {
  fixture.specify('account');
  for (const [variable, value] of [
    ['AWS_PROFILE', 'somebody'],
    ['AWS_REGION', 'us-east-1'],
    ['AWS_ACCESS_KEY_ID', 'AKIAOTHER'],
  ] as const) {
    const told = await fixture.portalctl(['open', 'account', '--json'], { [variable]: value });
    assert.equal(told.code, 1);
    const { error } = JSON.parse(told.stdout) as { error: { kind: string; message: string } };
    assert.equal(error.kind, 'account-mismatch');
    assert.match(error.message, new RegExp(value));
  }
});

test('expired credentials are told, and the portal opens after a new login without a restart', async () => {
  fixture.specify('expired');
  await fixture.control.post('credentials', { expired: true });
  const told = await fixture.portalctl(['open', 'expired', '--json']);
  await fixture.control.post('credentials', { expired: false });
  assert.equal(told.code, 1);
  assert.equal((JSON.parse(told.stdout) as { error: { kind: string } }).error.kind, 'credentials');
});

test('portald says in one sentence why it cannot start', async () => {
  const env = { ...fixture.environment, PORTALD_STATE_DIR: join(fixture.folder, 'other-state') };
  const starts: [object, RegExp][] = [
    [{ PORTALD_SOCKET: `/${'long/'.repeat(40)}portald.sock` }, /socket path .* bytes; the system allows/],
    [{ PORTALD_SOCKET: 'relative.sock' }, /PORTALD_SOCKET is "relative.sock", which is not an absolute path/],
    [{ PORTALD_STATE_DIR: '/proc/nowhere' }, /cannot make the folder \/proc\/nowhere/],
    [{ PORTALD_SOCKET: fixture.environment['PORTALD_SOCKET'] }, /another portald listens on/],
  ];
  for (const [change, says] of starts) {
    await assert.rejects(fixture.startPortald({ ...env, ...change }), (error) => {
      assert.match(String(error), says);
      assert.doesNotMatch(String(error), /\n\s+at /, 'no stack');
      return true;
    });
  }
});

test('without a Region, and with a dead endpoint, opening is refused in one sentence', async () => {
  const own = {
    PORTALD_STATE_DIR: join(fixture.folder, 'third-state'),
    PORTALD_SOCKET: join(fixture.folder, 'runtime', 'third.sock'),
  };
  fixture.specify('nowhere');
  const cases: [Record<string, string>, string, RegExp][] = [
    [{ AWS_REGION: '' }, 'region-missing', /Region/],
    [{ AWS_ENDPOINT_URL_EC2: 'http://127.0.0.1:9' }, 'endpoint', /no clear answer/],
  ];
  for (const [change, kind, says] of cases) {
    const daemon = await fixture.startPortald({ ...own, ...change });
    const told = await fixture.portalctl(['open', 'nowhere', '--json'], { ...own, ...change });
    assert.equal(told.code, 1, told.stdout);
    const { error } = JSON.parse(told.stdout) as { error: { kind: string; message: string } };
    assert.equal(error.kind, kind, error.message);
    assert.match(error.message, says);
    daemon.process.kill('SIGTERM');
    await once(daemon.process, 'exit');
  }
});
