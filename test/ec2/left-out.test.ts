// EC2's answers without random elements, from the sandbox over HTTP with the real AWS client: nothing fails in a way that
// has no words, nothing is taken as gone, and nothing goes on billing.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Aws, createAws } from '../../daemon/ec2/aws.ts';
import { createAwsClock } from '../../daemon/ec2/aws-clock.ts';
import { createBelongings } from '../../daemon/ec2/belongings.ts';
import { createCloud } from '../../daemon/ec2/cloud.ts';
import { createDescribe } from '../../daemon/ec2/describe.ts';
import { createAwsDiagnosis } from '../../daemon/ec2/diagnose.ts';
import { createImageSearch } from '../../daemon/ec2/image-search.ts';
import { createOffers } from '../../daemon/ec2/offers.ts';
import { createPreflight, thoroughChecks } from '../../daemon/ec2/preflight.ts';
import { createPriceHistory } from '../../daemon/ec2/price-history.ts';
import { createSpotQuotas } from '../../daemon/ec2/service-quotas.ts';
import { createStored } from '../../daemon/ec2/stored.ts';
import { PortalError } from '../../protocol/errors.ts';
import type { Specification } from '../../protocol/specification/schema.ts';
import { chanceOf, seedOf } from '../crash/chance.ts';
import { assertNothingLeft, portalUser } from '../fixture/portal-user.ts';
import { type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';
import { exampleSpecification } from '../fixture/specification.ts';
import { fuzz } from '../fuzz/fuzz.ts';
import { fleetRequest } from './fleet-request.ts';
import { type LeavingOut, startLeavingOut } from './leaving-out.ts';

const delays = {
  fleetFulfil: 50,
  pendingToRunning: 100,
  cloudInit: 50,
  consoleOutput: 0,
  attach: 50,
  detach: 50,
  terminate: 500,
};

let fixture: ProgramsFixture;
let answers: LeavingOut;
let aws: Aws;
before(async () => {
  fixture = await startProgramsFixture('portald-left-out-', { delays });
  answers = await startLeavingOut(fixture.sandbox.endpoint);
  Object.assign(process.env, fixture.environment, { AWS_ENDPOINT_URL_EC2: answers.endpoint });
  aws = createAws({ environment: process.env, clock: createAwsClock(Date.now, () => performance.now()) });
});
after(async () => {
  aws?.close();
  answers?.end();
  await fixture?.end();
});

/** Every question that portald asks EC2. */
function questions(fleetId: string, instanceId: string): (() => Promise<unknown>)[] {
  const { signal } = new AbortController();
  const volumeId = 'vol-0123456789abcdef0';
  const describe = createDescribe(aws);
  const cloud = createCloud(aws, 'left-out');
  const belongings = createBelongings(aws, 'left-out', cloud, Date.now);
  const stored = createStored(aws, 'left-out', () => undefined);
  const askQuota = createSpotQuotas({ environment: process.env });
  const specification = exampleSpecification('eu-central-1', 22) as unknown as Specification;
  const publicKey = readFileSync(join(fixture.project, 'key.pub'), 'utf8');
  const checks = thoroughChecks(() => Promise.resolve('203.0.113.7'), askQuota);
  const diagnose = createAwsDiagnosis({
    aws,
    clock: createAwsClock(Date.now, () => performance.now()),
    environment: {},
    wall: Date.now,
    ticks: () => performance.now(),
    askQuota,
    installation: 'left-out',
    policyFile: join(import.meta.dirname, '../../iam-policy.json'),
  });
  return [
    () => describe.ownInstances('left-out'),
    () => describe.instances([instanceId]),
    () => describe.volumes([volumeId]),
    () => describe.spotStatus(['sir-00000001']),
    () => describe.fleets([fleetId], { launching: new Set([fleetId]), since: new Date(0) }),
    () => belongings.machines(signal),
    () => belongings.storage(signal),
    () => belongings.spotPrices([], signal),
    () => stored.volumes({}, signal),
    () => stored.snapshots({}, signal),
    () => stored.snapshot('snap-00000000000000000', signal),
    () => stored.modification(volumeId, signal),
    () => stored.zones(signal),
    () => createOffers(aws, Date.now)('m5.large', signal),
    () =>
      createPreflight({ aws, now: Date.now, sleep: async () => {}, random: Math.random }, checks)(
        specification,
        { publicKey },
        { signal, progress() {} },
      ),
    () => createPriceHistory(aws, Date.now)(['m5.large'], 7, signal),
    () => createImageSearch(aws, Date.now)({ words: ['sandbox'] }, signal),
    () => diagnose(signal),
    () => aws.identity(),
    () => cloud.consoleOutput(instanceId),
    () => cloud.requestFleet(fleetRequest('left-out')),
    () => cloud.cancelFleet('sfr-00000000-0000-0000-0000-000000000000', { mayLeaveInstances: true }),
    () => cloud.detachVolume(volumeId, instanceId),
  ];
}

test('every question is answered or refused in words, whatever an answer leaves out', async (context) => {
  const cloud = createCloud(aws, 'left-out');
  const fleetId = await cloud.requestFleet(fleetRequest('left-out'));
  const [instance] = await createDescribe(aws).ownInstances('left-out');
  const asked = questions(fleetId, instance?.id ?? 'i-00000000000000000');
  await fuzz(context, async (chance) => {
    answers.oneOf(chance.pick([3, 8, 30]), chance);
    await chance
      .pick(asked)()
      .catch((error: unknown) => {
        if (!(error instanceof PortalError) || error.kind === 'internal') throw error;
      });
  });
  answers.oneOf(0);
  await cloud.cancelFleet(fleetId, { mayLeaveInstances: true });
});

test('an open portal stays as it is, moves and closes, whatever answers leave out', async (context) => {
  const chance = chanceOf(seedOf(process.env, (text) => context.diagnostic(text)));
  const portald = await fixture.startPortald({ AWS_ENDPOINT_URL_EC2: answers.endpoint });
  fixture.specify('gpu');
  const user = portalUser(fixture, 'gpu');
  const opened = await user.open();
  const first = opened.instance?.id ?? '';
  const before = answers.count();
  answers.oneOf(8, chance);
  // Each look of portald is at another answer with other things missing.
  for (let looks = 0; looks < 5 || answers.count() === before; looks++) {
    await sleep(300);
    const saved = await fixture.portalctl(['channel', 'gpu', 'sync']);
    assert.equal(saved.code, 0, saved.stderr);
  }
  answers.oneOf(0);
  const still = await user.until('open');
  assert.equal(still.instance?.id, first);
  assert.deepEqual(
    still.volumes.map((one) => one.state),
    ['mounted'],
  );

  answers.oneOf(25, chance);
  await fixture.control.post('notice', { instanceId: first });
  const moved = await user.until('open', first);
  assert.equal(moved.generation, 2);
  answers.oneOf(15, chance);
  await user.close();
  await assertNothingLeft(fixture);
  assert.equal(portald.process.exitCode, null, 'portald lives');
  assert.doesNotMatch(portald.log(), /unexpected error/);
});
