// What EC2's answers say about a specification before a launch, with the real AWS client against the sandbox over HTTP.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Aws, createAws } from '../../daemon/ec2/aws.ts';
import { createAwsClock } from '../../daemon/ec2/aws-clock.ts';
import { checkQuota, judgeQuota } from '../../daemon/ec2/check-quota.ts';
import { createCloud } from '../../daemon/ec2/cloud.ts';
import type { Finding } from '../../daemon/ec2/finding.ts';
import { createPreflight, openingChecks, thoroughChecks } from '../../daemon/ec2/preflight.ts';
import { createSpotQuotas, quotaCode } from '../../daemon/ec2/service-quotas.ts';
import type { Specification } from '../../protocol/specification/schema.ts';
import { eventually } from '../fixture/eventually.ts';
import { type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';
import { exampleSpecification } from '../fixture/specification.ts';
import { fleetRequest } from './fleet-request.ts';
import { type Change, instance, rows } from './preflight-rows.ts';
import { preflightWorld } from './preflight-world.ts';
import { repeatAtOnce } from './repeat-at-once.ts';

let fixture: ProgramsFixture;
let aws: Aws;
before(async () => {
  fixture = await startProgramsFixture('portald-preflight-', preflightWorld);
  Object.assign(process.env, fixture.environment);
  aws = createAws({ environment: process.env, clock: createAwsClock(Date.now, () => performance.now()) });
  repeatAtOnce(await aws.client());
  await aws.identity();
});
after(async () => {
  aws?.close();
  await fixture?.end();
});

/** The findings about the example after a change; its machine is at 203.0.113.7. */
async function findings(change: Change, address = '203.0.113.7', asked = checks(address)) {
  const wanted = exampleSpecification('eu-central-1', 22) as unknown as Specification;
  change(wanted);
  const publicKey = readFileSync(join(fixture.project, 'key.pub'), 'utf8');
  const context = { signal: new AbortController().signal, progress: () => undefined };
  return createPreflight(asking(), asked)(wanted, { publicKey }, context);
}

/** What it would have waited, without the chance in it. */
const pauses: number[] = [];
const asking = () => ({
  aws,
  now: Date.now,
  random: () => 0.5,
  sleep: (ms: number) => {
    pauses.push(ms);
    return Promise.resolve();
  },
});

const checks = (address: string) =>
  thoroughChecks(() => Promise.resolve(address || undefined), createSpotQuotas({ environment: process.env }));

const bad = (all: readonly Finding[]): Finding[] => all.filter((one) => one.level !== 'fine');

test('the spot quota: none, in use, room for one, room enough; and of a type of no known quota', async () => {
  const quota = { name: 'All G and VT Spot Instance Requests', code: 'L-3819A6DF', vCpus: 8 };
  const judged = (vCpus: number, needed: number, used: number): string =>
    judgeQuota('g5.xlarge', { ...quota, vCpus }, needed, used).level;
  assert.deepEqual(
    [judged(0, 4, 0), judged(0, 0, 0), judged(8, 4, 6), judged(8, 4, 4), judged(8, 4, 0)],
    ['problem', 'problem', 'problem', 'warning', 'fine'],
  );
  assert.match(judgeQuota('g5.xlarge', quota, 16, 0).hint ?? '', /Service Quotas: All G and VT .*L-3819A6DF/);
  const all = (await findings(() => undefined)).findings.find((one) => one.kind === 'quota');
  assert.deepEqual(
    [all?.level, all?.message],
    [
      'fine',
      '"All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests" of the account is 256 vCPUs, 0 in use; m5.large needs 2',
    ],
  );
  const codes = ['g6e.xlarge', 'p3.2xlarge', 'p5.48xlarge', 'm7g.large', 'u-6tb1.metal'].map(quotaCode);
  assert.deepEqual(codes, ['L-3819A6DF', 'L-7212CCBC', 'L-C4BD4855', 'L-34B43A08', undefined]);
});

test('the spot quota of every type that is named, asked for once a family; one that is never launched is no obstacle', async () => {
  const asked: string[] = [];
  const levels = async (vCpus: Readonly<Record<string, number>>): Promise<string[]> => {
    asked.length = 0;
    const check = checkQuota((type) => {
      asked.push(type);
      const code = quotaCode(type) ?? '';
      return Promise.resolve({ name: code, code, vCpus: vCpus[code] ?? 0 });
    });
    const wanted = instance({ instance_types: ['c5.large', 'g5.xlarge', 'm5.large'] });
    const { findings: all } = await findings(wanted, '203.0.113.7', [check]);
    return all.map((one) => `${one.path.join('.')} ${one.level}`);
  };
  const [first, larger, gpu] = ['instance_type', 'instance_types.0', 'instance_types.1'].map(
    (path) => `spot_instance.${path}`,
  );
  const [standard, graphics] = ['L-34B43A08', 'L-3819A6DF'];
  assert.deepEqual(await levels({ [standard]: 64, [graphics]: 64 }), [
    `${first} fine`,
    `${larger} fine`,
    `${gpu} fine`,
  ]);
  assert.deepEqual(asked, ['m5.large', 'g5.xlarge']);
  assert.deepEqual(await levels({ [standard]: 1, [graphics]: 64 }), [
    `${first} warning`,
    `${larger} warning`,
    `${gpu} fine`,
  ]);
  assert.deepEqual(await levels({}), [`${first} problem`, `${larger} problem`, `${gpu} problem`]);
});

test('instances that do not tell their processors use what their type has by default', async () => {
  const cloud = createCloud(aws, 'installation-of-the-quota');
  const fleetId = await cloud.requestFleet(fleetRequest('token-of-the-quota'));
  const tells = (inUse: number): Promise<true> =>
    eventually(`${inUse} in use`, async () => {
      const quota = (await findings(() => undefined)).findings.find((one) => one.kind === 'quota');
      return quota?.message.includes(`256 vCPUs, ${inUse} in use`) ? true : undefined;
    });
  try {
    await tells(2);
  } finally {
    await cloud.cancelFleet(fleetId, { mayLeaveInstances: true });
  }
  await tells(0);
});

test('what the account has is found to be fine, with what it costs', async () => {
  const { findings: all, rootDevice } = await findings(() => undefined);
  assert.deepEqual(bad(all), []);
  assert.equal(rootDevice, undefined);
  const told = all.map((one) => one.message).join('\n');
  for (const part of [/laptop belongs to key/, /lets everybody in on port 22/, /m5\.large costs \$0\.0500/])
    assert.match(told, part);
});

for (const [what, change, level, kind, path, says] of rows) {
  test(`before a launch, ${what}: ${level}`, async () => {
    const found = bad((await findings(change)).findings).find((one) => says.test(one.message));
    assert.ok(found, JSON.stringify(bad((await findings(change)).findings)));
    assert.deepEqual([found.level, found.kind, found.path.join('.')], [level, kind, path]);
  });
}

test('a type that there is not is told once', async () => {
  const { findings: all } = await findings(instance({ instance_type: 'g99.large' }));
  assert.deepEqual(
    bad(all).map((one) => one.message),
    ['there is no instance type g99.large in this Region'],
  );
  assert.ok(!all.some((one) => /needs 0/.test(one.message)));
});

test('a group that lets this machine in, or of which it cannot be told', async () => {
  const limited = instance({ security_group_id: 'sg-00000000000000002' });
  assert.deepEqual(bad((await findings(limited)).findings), []);
  const unsure = bad((await findings(limited, '')).findings);
  assert.deepEqual(
    unsure.map((one) => [one.level, /could not be found out/.test(one.message)]),
    [['warning', true]],
  );
});

test('what EC2 throttles is asked again, later and later; in the end it is an error', async () => {
  const throttle = (count: number): Promise<unknown> =>
    fixture.control.post('faults', [
      { action: 'DescribeImages', kind: 'error', code: 'RequestLimitExceeded', status: 503, count },
    ]);
  pauses.length = 0;
  // The client itself asks three times.
  await throttle(7);
  assert.deepEqual(bad((await findings(() => undefined)).findings), []);
  assert.deepEqual(pauses.slice(0, 2), [1000, 2000]);
  await throttle(1000);
  await assert.rejects(
    findings(() => undefined),
    { kind: 'throttled' },
  );
  await fixture.control.remove('faults');
});

test('an identity file of another key pair is refused', async () => {
  const wanted = exampleSpecification('eu-central-1', 22) as unknown as Specification;
  const publicKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
  const context = { signal: new AbortController().signal, progress: () => undefined };
  const preflight = createPreflight(asking(), openingChecks);
  const { findings: all } = await preflight(wanted, { publicKey }, context);
  assert.deepEqual(
    bad(all).map((one) => [one.level, one.kind]),
    [['refusal', 'key-pair']],
  );
});

test('questions that EC2 does not answer: an essential one refuses, another warns, none at all is an error', async () => {
  const deny = (action: string): Promise<{ ids: string[] }> =>
    fixture.control.post('faults', [
      { action, kind: 'error', code: 'UnauthorizedOperation', status: 403, count: 1 },
    ]);
  await deny('DescribeInstanceTypes');
  assert.deepEqual(
    bad((await findings(() => undefined)).findings).map((one) => [one.level, one.kind]),
    [['warning', 'permission']],
  );
  await deny('DescribeKeyPairs');
  assert.deepEqual(
    bad((await findings(() => undefined)).findings).map((one) => [one.level, one.kind]),
    [['refusal', 'permission']],
  );
  await fixture.control.post('credentials', { expired: true });
  await assert.rejects(
    findings(() => undefined),
    { kind: 'credentials' },
  );
  await fixture.control.post('credentials', { expired: false });
});
