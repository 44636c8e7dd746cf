// The clients of AWS as they are installed: all that portald calls, and no more.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { createEc2, operations } from '../../daemon/ec2/client-ec2.ts';
import { temporaryFolder } from '../rpc/rpc-fixture.ts';
import { clone, programs } from './built.ts';

test('a method sends the command of its name', () => {
  for (const [name, { name: command }] of Object.entries(operations))
    assert.equal(command, `${name.slice(0, 1).toUpperCase()}${name.slice(1)}Command`);
});

test('portald calls every operation that the client has, and no other', () => {
  const folder = join(clone, 'daemon/ec2');
  const called = readdirSync(folder).flatMap((name) =>
    [...readFileSync(join(folder, name), 'utf8').matchAll(/\bec2\.([a-z]\w+)\(/g)].map(
      ([, method]) => method,
    ),
  );
  assert.deepEqual(new Set(called), new Set([...Object.keys(operations), 'destroy']));
  const ec2 = createEc2({ requestHandler: {}, region: 'eu-central-1' });
  for (const name of Object.keys(operations)) assert.equal(typeof Reflect.get(ec2, name), 'function', name);
  ec2.destroy();
});

test('built, the client is complete, and the shapes of other operations are left out', async (context) => {
  const folder = await programs(temporaryFolder(context));
  const file = join(folder, 'daemon/client-ec2.cjs');
  const built = createRequire(import.meta.url)(file) as typeof import('../../daemon/ec2/client-ec2.ts');
  assert.deepEqual(Object.keys(built.operations), Object.keys(operations));
  // By these names portald knows what it must not send twice.
  const ec2 = built.createEc2({
    requestHandler: {},
    region: 'x',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  });
  const sent: unknown[] = [];
  ec2.middlewareStack.add(
    (_next, { commandName }) =>
      () => {
        sent.push(commandName);
        return Promise.reject(new Error('not sent'));
      },
    { step: 'initialize', priority: 'high', name: 'stop' },
  );
  await assert.rejects(ec2.createSnapshot({ VolumeId: 'vol-0123456789abcdef0' }), /not sent/);
  ec2.destroy();
  assert.deepEqual(sent, ['CreateSnapshotCommand']);
  const text = readFileSync(file, 'utf8');
  for (const { name } of Object.values(operations)) assert.ok(text.includes(name), name);
  for (const unused of ['CreateVpcRequest$', 'DescribeVpcsResult$', 'CreateVpcCommand'])
    assert.ok(!text.includes(unused), `${unused} is in the program`);
  assert.match(readFileSync(join(folder, 'daemon/client-licences.txt'), 'utf8'), /^@aws-sdk\/client-ec2 /m);
});

/** Each kind of profile has a part of the SDK of its own, which is loaded when it is met. */
const profiles = {
  keys: ['aws_access_key_id = AKIAKEYS', 'aws_secret_access_key = x'],
  program: [`credential_process = echo '{"Version":1,"AccessKeyId":"AKIAPROGRAM","SecretAccessKey":"x"}'`],
  sso: ['sso_session = s', 'sso_account_id = 123456789012', 'sso_role_name = r', 'region = eu-central-1'],
  login: ['login_session = arn:aws:sts::123456789012:assumed-role/x/y'],
  web: ['role_arn = arn:aws:iam::123456789012:role/x', 'web_identity_token_file = /nowhere'],
};

test('built, the client finds credentials wherever the SDK does', async (context) => {
  const folder = temporaryFolder(context);
  const sections = Object.entries(profiles).map(([name, lines]) => [`[profile ${name}]`, ...lines]);
  const session = ['[sso-session s]', 'sso_region = eu-central-1', 'sso_start_url = https://example.invalid'];
  const file = join(folder, 'config');
  writeFileSync(file, `${[...sections, session].flat().join('\n')}\n`);
  const client = join(await programs(join(folder, 'programs')), 'daemon/client-ec2.cjs');
  const ask = `
    const { createEc2 } = require(${JSON.stringify(client)});
    const ask = (profile) => createEc2({ requestHandler: {}, region: 'eu-central-1', profile }).config.credentials();
    const tell = (profile) => ask(profile).then((found) => found.accessKeyId, (error) => error.message);
    Promise.all(process.argv.slice(1).map(tell)).then((told) => console.log(JSON.stringify(told)));
  `;
  const printed = execFileSync(process.execPath, ['-e', ask, ...Object.keys(profiles), 'unknown'], {
    encoding: 'utf8',
    env: {
      HOME: folder,
      PATH: process.env['PATH'],
      AWS_CONFIG_FILE: file,
      AWS_EC2_METADATA_DISABLED: 'true',
    },
  });
  const [keys, program, sso, login, web, unknown] = JSON.parse(printed) as string[];
  assert.deepEqual([keys, program], ['AKIAKEYS', 'AKIAPROGRAM']);
  assert.match(sso ?? '', /SSO session token .* not found/);
  assert.match(login ?? '', /Failed to load token/);
  assert.match(web ?? '', /nowhere.*cannot be read \(ENOENT\)/);
  assert.match(unknown ?? '', /Could not resolve credentials using profile: \[unknown\]/);
});
