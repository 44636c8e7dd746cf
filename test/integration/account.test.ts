// What a user finds out about prices, images and the state of things before anything is opened, with the real programs.
import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { CheckView } from '../../protocol/check-view.ts';
import { type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';

let fixture: ProgramsFixture;
before(async () => {
  fixture = await startProgramsFixture('portald-account-', {
    instanceTypes: [
      { instanceType: 'm5.large', spotPrice: { 'eu-central-1a': 0.05, 'eu-central-1b': 0.04 } },
      { instanceType: 'c5.large', spotPrice: 0.06 },
    ],
    images: [
      { imageId: 'ami-0123456789abcdef0', name: 'Deep Learning AMI', owner: 'amazon', rootSizeGiB: 45 },
    ],
  });
  fixture.specify('gpu');
  await fixture.startPortald();
});
after(() => fixture?.end());

async function json<T>(words: readonly string[], code = 0): Promise<T> {
  const finished = await fixture.portalctl([...words, '--json']);
  assert.equal(finished.code, code, finished.stdout + finished.stderr);
  return JSON.parse(finished.stdout) as T;
}

async function levels(code: number): Promise<Record<string, CheckView>> {
  const { checks } = await json<{ checks: CheckView[] }>(['doctor', 'gpu'], code);
  return Object.fromEntries(checks.map((one) => [one.topic, one]));
}

interface Prices {
  readonly zone?: string;
  readonly pools: readonly { type: string; zone: string; now: number; changes: number }[];
  readonly cheapest: { type: string; zone: string };
  readonly notOffered: readonly { type: string; zone: string }[];
}

test('price: of a specification, and of types; a price that has changed', async () => {
  const pool = { instanceType: 'm5.large', zone: 'eu-central-1a' };
  await fixture.control.post('price', { ...pool, dollars: 0.07 });
  const prices = await json<Prices>(['price', 'gpu', '--type', 'c5.large']);
  assert.deepEqual(
    prices.pools.map((one) => [one.type, one.zone.at(-1), one.now]),
    [
      ['m5.large', 'a', 0.07],
      ['m5.large', 'b', 0.04],
      ['c5.large', 'a', 0.06],
      ['c5.large', 'b', 0.06],
      ['c5.large', 'c', 0.06],
    ],
  );
  assert.equal(prices.pools[0]?.changes, 1);
  assert.deepEqual(prices.cheapest, { type: 'm5.large', zone: 'eu-central-1b' });
  assert.deepEqual(prices.notOffered, [{ type: 'm5.large', zone: 'eu-central-1c' }]);
  const inWords = await fixture.portalctl(['price', 'gpu']);
  assert.match(inWords.stdout, /^m5\.large, dollars per hour, the last 7 d\n.*┤/);
  assert.match(inWords.stdout, /own zone, eu-central-1a, has m5\.large \$0\.0700 \(75\.0 % more/);
  const nowhere = await fixture.portalctl(['price', 'nobody']);
  assert.deepEqual([nowhere.code, /nobody/.test(nowhere.stderr)], [4, true]);
  const unknown = await fixture.portalctl(['price', '--type', 'm5.lrage']);
  assert.deepEqual([unknown.code, /m5\.lrage: no spot price/.test(unknown.stderr)], [1, true]);
});

test('image search', async () => {
  const found = await fixture.portalctl(['image', 'search', 'learning', 'DEEP']);
  assert.match(
    found.stdout,
    /\nami-0123456789abcdef0 +2026-01-01 +x86_64 +45 GiB +amazon +Deep Learning AMI\n$/,
  );
  const short = await fixture.portalctl(['image', 'search', 'ai']);
  assert.deepEqual([short.code, /no word has at least 3 letters/.test(short.stderr)], [2, true]);
});

test('doctor: all is well, and nothing was done by asking', async () => {
  const checks = await levels(0);
  assert.match(checks['credentials']?.message ?? '', /account 123456789012, Region eu-central-1$/);
  assert.equal(checks['ec2:RequestSpotFleet']?.message, 'allowed');
  assert.equal(checks['ec2:RunInstances']?.message, 'allowed');
  assert.equal(checks['iam:PassRole']?.level, 'unknown');
  assert.equal(checks['orphans']?.level, 'fine');
  const { calls } = await fixture.control.get<{ calls: { changes: boolean; outcome: string }[] }>('calls');
  const changing = calls.filter((one) => one.changes);
  assert.ok(changing.length > 8);
  assert.ok(changing.every((one) => one.outcome === 'DryRunOperation'));
});

test('doctor: what is denied, what cannot be told', async (context) => {
  const error = {
    kind: 'error',
    code: 'UnauthorizedOperation',
    message: 'You are not authorized',
    status: 403,
  };
  const denied = ['CreateTags', 'DescribeVolumes', 'DeleteVolume', 'RequestSpotFleet'];
  await fixture.control.post('faults', [
    ...denied.map((action) => ({ ...error, action })),
    { ...error, action: 'AttachVolume', code: 'InvalidVolume.NotFound' },
  ]);
  context.after(() => fixture.control.remove('faults'));
  const checks = await levels(1);
  for (const [action, level] of [
    ['ec2:CreateTags', 'problem'],
    ['ec2:DescribeVolumes', 'problem'],
    ['ec2:RequestSpotFleet', 'problem'],
    ['ec2:DeleteVolume', 'unknown'],
    ['ec2:AttachVolume', 'unknown'],
    ['ec2:RunInstances', 'unknown'],
    ['ec2:DetachVolume', 'fine'],
    ['orphans', 'unknown'],
  ] as const)
    assert.equal(checks[action]?.level, level, action);
  assert.match(checks['ec2:CreateTags']?.fix ?? '', /--policy-document 'file:\/\/\/.*iam-policy\.json'/);
});

/** What doctor tells and calls when the answer to a dry run of `action` is that it was done. */
async function carriedOut(
  action: string,
  inner: string,
): Promise<{ checks: Record<string, CheckView>; calls: string[] }> {
  const body = `<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">${inner}</${action}Response>`;
  interface Calls {
    readonly calls: readonly { action: string; outcome: string }[];
  }
  await fixture.control.post('faults', [{ action, kind: 'gibberish', status: 200, body }]);
  try {
    const before = (await fixture.control.get<Calls>('calls')).calls.length;
    const checks = await levels(1);
    const { calls } = await fixture.control.get<Calls>('calls');
    return { checks, calls: calls.slice(before).map((one) => `${one.action} ${one.outcome}`) };
  } finally {
    await fixture.control.remove('faults');
  }
}

test('doctor: an EC2 that carries dry runs out is asked for no instance, and what came of it is undone or told', async () => {
  const fleet = 'sfr-11111111-1111-1111-1111-111111111111';
  const first = await carriedOut('RequestSpotFleet', `<spotFleetRequestId>${fleet}</spotFleetRequestId>`);
  const { message, fix } = first.checks['ec2:RequestSpotFleet'] ?? {};
  assert.equal(message, `this EC2 carries dry runs out; ${fleet} is left and may cost`);
  assert.equal(fix, `remove ${fleet} by hand, at once`);
  assert.equal(first.checks['ec2:RunInstances']?.level, 'unknown');
  assert.ok(first.calls.includes('CancelSpotFleetRequests ok'));
  assert.ok(!first.calls.some((one) => one.startsWith('RunInstances')));

  const instance = 'i-11111111111111111';
  const inner = `<instancesSet><item><instanceId>${instance}</instanceId></item></instancesSet>`;
  const second = await carriedOut('RunInstances', inner);
  assert.match(
    second.checks['ec2:RunInstances']?.message ?? '',
    new RegExp(`${instance} is left and may cost`),
  );
  assert.ok(second.calls.includes('TerminateInstances InvalidInstanceID.NotFound'));
});

test('doctor: expired credentials are the one thing to fix', async (context) => {
  await fixture.control.post('credentials', { expired: true });
  context.after(() => fixture.control.post('credentials', { expired: false }));
  const checks = await levels(1);
  assert.equal(checks['credentials']?.level, 'problem');
  assert.match(checks['credentials']?.fix ?? '', /log in again/);
  assert.equal(checks['permissions']?.level, 'unknown');
  assert.equal(checks['ec2:CreateTags'], undefined);
});

test('price: of a portal that portald knows, when its file is not here', async () => {
  const accepted = await fixture.portalctl(['open', 'gpu', '--no-wait']);
  assert.equal(accepted.code, 0, accepted.stderr);
  const [here, away] = [join(fixture.project, 'gpu.json'), join(fixture.folder, 'gpu.json')];
  renameSync(here, away);
  const prices = await json<Prices>(['price', 'gpu']);
  assert.equal(prices.zone, 'eu-central-1a');
  assert.deepEqual([...new Set(prices.pools.map((one) => one.type))], ['m5.large']);
  const closed = await fixture.portalctl(['close', 'gpu']);
  assert.equal(closed.code, 0, closed.stderr);
});
