// Answers of EC2 that stall, trickle, never end or hold false values, over HTTP from the sandbox: for every operation.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { falseValueIn } from '../../daemon/ec2/answer-values.ts';
import { type Aws, createAws } from '../../daemon/ec2/aws.ts';
import { createAwsClock } from '../../daemon/ec2/aws-clock.ts';
import { operations } from '../../daemon/ec2/client-ec2.ts';
import { createDescribe, paged } from '../../daemon/ec2/describe.ts';
import { createCloudView } from '../../daemon/ec2/view.ts';
import { type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';

let fixture: ProgramsFixture;
let aws: Aws;
before(async () => {
  fixture = await startProgramsFixture('portald-answers-');
  Object.assign(process.env, fixture.environment);
  const clock = createAwsClock(Date.now, () => performance.now());
  aws = createAws({ environment: process.env, clock, answers: { wholeMs: 300, bytes: 1_000_000 } });
});
beforeEach(() => fixture.control.remove('faults'));
after(async () => {
  aws?.close();
  await fixture?.end();
});

const fault = (rule: object): Promise<unknown> => fixture.control.post('faults', [{ action: '*', ...rule }]);
const volumeId = 'vol-0123456789abcdef0';
const volumes = (): Promise<unknown> => createDescribe(aws).volumes([volumeId]);

// First: the SDK repeats only so many calls in a row.
test('one answer that stalls costs its time, and no more', async () => {
  await fault({ action: 'DescribeVolumes', kind: 'hold-middle', count: 1 });
  await volumes();
});

for (const [kind, error] of [
  ['hold-middle', { name: 'TimeoutError', message: /not whole after 0\.3 s/ }],
  ['trickle', { name: 'TimeoutError', message: /not whole/ }],
  ['endless', { name: 'FalseAnswer', message: /more than 1000000 bytes/ }],
] as const) {
  test(`an answer with the fault ${kind} is given up, whatever was asked`, async () => {
    await fault({ kind, ms: 50 });
    const ec2 = (await aws.client()) as unknown as Record<string, (input: object) => Promise<unknown>>;
    const asked = Object.keys(operations).map((name) =>
      assert.rejects(() => ec2[name]?.({}) ?? Promise.resolve(), error, name),
    );
    await Promise.all(asked);
    await assert.rejects(volumes(), { kind: 'endpoint', message: /EC2 gave no clear answer/ });
    await fixture.control.remove('faults');
    await volumes();
  });
}

test('a round that takes too long is given up, reported, and followed by another', async () => {
  const view = createCloudView({
    place: () => Promise.resolve({}),
    describe: createDescribe(aws),
    installation: 'installation',
    now: Date.now,
    sleep: (ms) => sleep(ms),
    longestRoundMs: 300,
  });
  view.want('portal', { instanceIds: [], volumeIds: [volumeId], fleetIds: [], launchingFleetIds: [] });
  const observe = (): Promise<unknown> => view.observe({ notBefore: Date.now(), maximumAgeMs: 0 });
  for (const action of ['DescribeVolumes', 'DescribeInstances']) {
    await fault({ action, kind: 'hold-before' });
    await assert.rejects(observe(), { kind: 'endpoint', message: /everything within 0\.3 s/ });
    assert.match(view.difficulty()?.message ?? '', /everything within/);
    await fixture.control.remove('faults');
    await observe();
    assert.equal(view.difficulty(), undefined);
  }
});

test('pages without end are refused, whether their tokens repeat or not', async () => {
  let page = 0;
  const pages = (next: () => string) => paged(() => Promise.resolve({ items: [page++], next: next() }));
  await assert.rejects(
    pages(() => 'same'),
    /pages without end/,
  );
  assert.equal(page, 2);
  await assert.rejects(
    pages(() => `token ${page}`),
    /pages without end/,
  );
  assert.ok(page < 100);
});

test('a value of a false form makes the whole answer one that is not believed', async () => {
  const body = (address: string): string =>
    `<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><reservationSet><item><instancesSet><item><instanceId>i-0123456789abcdef0</instanceId><ipAddress>${address}</ipAddress></item></instancesSet></item></reservationSet></DescribeInstancesResponse>`;
  const instances = (): Promise<unknown> => createDescribe(aws).instances(['i-0123456789abcdef0']);
  await fault({ kind: 'gibberish', status: 200, body: body('203.0.113.7') });
  assert.deepEqual(
    ((await instances()) as { address: string }[]).map((one) => one.address),
    ['203.0.113.7'],
  );
  await fixture.control.remove('faults');
  await fault({ kind: 'gibberish', status: 200, body: body('-oProxyCommand=touch /tmp/x') });
  await assert.rejects(instances(), {
    kind: 'endpoint',
    message: /the PublicIpAddress "-oProxyCommand=touch \/tmp\/x", which is none/,
  });
});

const forms: [good: object, bad: object[]][] = [
  [{ InstanceId: 'i-0123456789abcdef0' }, [{ InstanceId: 'i-0\nevil ssh-rsa' }, { InstanceId: '../../x' }]],
  [{ PublicIpAddress: '2001:db8::1' }, [{ PublicIpAddress: 'host' }, { PublicIpAddress: '1.2.3.4\n' }]],
  [{ VolumeId: 'vol-ffffffff' }, [{ VolumeId: 'vol-x' }, { VolumeId: '-v' }]],
  [{ SnapshotId: '' }, [{ SnapshotId: 'snap-$(x)' }]],
  [{ Device: '/dev/sdf' }, [{ Device: "/dev/sdf'; x" }, { Device: '\u2028' }]],
  [{ AvailabilityZone: 'eu-central-1-ham-1a' }, [{ AvailabilityZone: 'A' }, { AvailabilityZone: 'a b' }]],
  [{ InstanceType: 'u-6tb1.56xlarge' }, [{ InstanceType: '' }, { InstanceType: 'x;y' }].slice(1)],
  [{ PublicKey: 'ssh-ed25519 AAAA me@here\n' }, [{ PublicKey: 'a\nb' }]],
  [{ NextToken: 'eyJ+/=' }, [{ NextToken: 'x'.repeat(8193) }, { NextToken: 'a b' }]],
  [
    { SpotFleetRequestId: 'sfr-73fbd2ce-aa30-494c-8788-1cee4EXAMPLE'.toLowerCase().replace('xample', 'a') },
    [{ SpotFleetRequestId: 'sfr-%' }],
  ],
  [{ Anything: '\u001b[31m', constructor: 'x', toString: 'y' }, []],
];
test('each kind of value has its form, however deep it lies', () => {
  for (const [good, bad] of forms) {
    assert.equal(falseValueIn({ Some: [{ Deep: good }], At: new Date(), Count: 1 }), undefined);
    for (const one of bad)
      assert.match(falseValueIn({ Some: [{ Deep: one }] }) ?? '', /^\w+ ".*"$/, JSON.stringify(one));
  }
  for (const nothing of [undefined, null, 'text', 1]) assert.equal(falseValueIn(nothing), undefined);
});
