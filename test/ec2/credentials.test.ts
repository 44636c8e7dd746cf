// Credentials that expire under a daemon that goes on: a new login is taken without a restart.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createAws } from '../../daemon/ec2/aws.ts';
import { createAwsClock } from '../../daemon/ec2/aws-clock.ts';
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
