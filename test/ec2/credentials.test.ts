// Credentials that expire under a daemon that goes on: a new login is taken without a restart.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createAws } from '../../daemon/ec2/aws.ts';
import { createAwsClock } from '../../daemon/ec2/aws-clock.ts';
import { sortAwsError } from '../../daemon/ec2/aws-errors.ts';
import type { PortalError } from '../../protocol/errors.ts';
import { type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';

const credentials = [
  { accessKeyId: 'AKIAFIRST', secretAccessKey: 'one', account: '111111111111' },
  { accessKeyId: 'AKIASECOND', secretAccessKey: 'two', account: '222222222222' },
];

let fixture: ProgramsFixture;
before(async () => {
  fixture = await startProgramsFixture('portald-credentials-', { credentials });
  process.env['AWS_ENDPOINT_URL_EC2'] = fixture.sandbox.endpoint;
  process.env['AWS_SHARED_CREDENTIALS_FILE'] = join(fixture.folder, 'credentials');
  process.env['AWS_CONFIG_FILE'] = join(fixture.folder, 'no-configuration');
});
after(() => fixture?.end());

function logIn(index: number): void {
  const chosen = credentials[index];
  writeFileSync(
    join(fixture.folder, 'credentials'),
    `[work]\naws_access_key_id = ${chosen?.accessKeyId}\naws_secret_access_key = ${chosen?.secretAccessKey}\n`,
  );
}

test('a new login in ~/.aws is taken without a restart, and its account is told', async (t) => {
  logIn(0);
  const aws = createAws({
    region: 'eu-central-1',
    profile: 'work',
    environment: {},
    clock: createAwsClock(Date.now, () => performance.now()),
  });
  t.after(() => aws.close());
  const ask = async () => (await aws.client()).describeVolumes({});
  await ask();
  assert.equal((await aws.identity()).account, '111111111111');

  await fixture.control.post('credentials', { accessKeyId: 'AKIAFIRST', expired: true });
  await assert.rejects(ask(), { name: 'RequestExpired' });
  await assert.rejects(ask(), { name: 'RequestExpired' }, 'until there is a new login');
  logIn(1);
  await ask();
  assert.equal((await aws.identity()).account, '222222222222');
  assert.equal((await aws.identity()).accessKeyId, 'AKIASECOND');
});

test('a profile that is nowhere is named', async (t) => {
  const aws = createAws({
    region: 'eu-central-1',
    profile: 'nowhere',
    environment: {},
    clock: createAwsClock(Date.now, () => performance.now()),
  });
  t.after(() => aws.close());
  const ask = async () => (await aws.client()).describeVolumes({});
  const told = { message: /^AWS profile "nowhere" gives no credentials: (?!AWS profile)/ };
  await Promise.all([assert.rejects(ask(), told), assert.rejects(ask(), told)]);
});

const shellText = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

test('why a profile gives no credentials is told: its own words, not that there are none', async (t) => {
  const at = (name: string): string => join(fixture.folder, name);
  const failing = at('failing process');
  writeFileSync(failing, '#!/bin/sh\necho "vault: login first" >&2\nexit 3\n', { mode: 0o755 });
  const profiles = {
    failing: `credential_process = ${shellText(failing)}`,
    silent: 'credential_process = true',
    tokenless: `role_arn = arn:aws:iam::111111111111:role/r\nweb_identity_token_file = ${at('no-token')}`,
    sourceless: 'role_arn = arn:aws:iam::111111111111:role/r\nsource_profile = nobody',
    unfinished: 'sso_session = work\nsso_account_id = 111111111111\nsso_role_name = r',
    half: 'aws_access_key_id = AKIAHALF',
  };
  const text = Object.entries(profiles).map(
    ([name, lines]) => `[profile ${name}]\nregion = eu-central-1\n${lines}\n`,
  );
  const configuration = at('configuration');
  writeFileSync(configuration, text.join(''));
  const locked = at('locked');
  mkdirSync(locked);
  const before = { ...process.env };
  t.after(() => Object.assign(process.env, before));
  process.env['AWS_EC2_METADATA_DISABLED'] = 'true';
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_REGION']) delete process.env[name];
  const why = async (profile: string | undefined, file = configuration): Promise<PortalError> => {
    process.env['AWS_CONFIG_FILE'] = file;
    const aws = createAws({
      ...(profile !== undefined && { profile }),
      environment: process.env,
      clock: createAwsClock(Date.now, () => performance.now()),
    });
    t.after(() => aws.close());
    return (await aws.client()).describeVolumes({}).then(
      () => assert.fail('it was answered'),
      (error: unknown) => sortAwsError(error, 'asking'),
    );
  };
  for (const [profile, words, file] of [
    ['failing', /vault: login first/],
    ['silent', /invalid JSON/],
    ['tokenless', /no-token cannot be read \(ENOENT\)/],
    ['sourceless', /nobody/],
    ['unfinished', /the profile cannot be used|sso-session/],
    ['failling', /there is no profile of that name in .*configuration or .*; did you mean "failing"\?/],
    ['failing', /locked cannot be read \(EISDIR\)/, locked],
    ['gone\u001b[2J', /"gone\\x1b\[2J" gives no credentials: there is no profile/],
  ] as const) {
    const error = await why(profile, file);
    assert.equal(error.kind, 'credentials', `${profile}: ${error.message}`);
    assert.match(error.message, words);
    assert.match(error.message, /AWS profile ".*" gives no credentials/, profile);
  }
  process.env['AWS_REGION'] = 'eu-central-1';
  process.env['AWS_ROLE_ARN'] = 'arn:aws:iam::111111111111:role/r';
  process.env['AWS_WEB_IDENTITY_TOKEN_FILE'] = at('no-token');
  const token = await why(undefined);
  delete process.env['AWS_ROLE_ARN'];
  delete process.env['AWS_WEB_IDENTITY_TOKEN_FILE'];
  assert.deepEqual(
    [token.kind, /no-token cannot be read \(ENOENT\)/.test(token.message)],
    ['credentials', true],
    token.message,
  );
  const none = await why(undefined);
  assert.match(none.message, /Could not load credentials from any providers/);
});

test('which credentials count is known before anybody is asked: a profile goes before keys', () => {
  const keys = { AWS_ACCESS_KEY_ID: 'AKIAKEYS', AWS_SECRET_ACCESS_KEY: 'secret' };
  const known = (environment: Record<string, string>, profile?: string) =>
    createAws({
      ...(profile !== undefined && { profile }),
      environment,
      clock: createAwsClock(Date.now, () => performance.now()),
    }).knownIdentity();
  assert.deepEqual(known({ ...keys, AWS_REGION: '' }), {
    accessKeyId: 'AKIAKEYS',
    keysFromEnvironment: true,
  });
  assert.deepEqual(known({ ...keys, AWS_PROFILE: '' }), known(keys));
  assert.deepEqual(known({ ...keys, AWS_PROFILE: 'work' }), { profile: 'work' });
  assert.deepEqual(known(keys, 'configured'), { profile: 'configured' });
  assert.deepEqual(known({ AWS_ACCESS_KEY_ID: 'AKIAKEYS' }), {});
});
