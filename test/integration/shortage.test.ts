// Shortage: pools without capacity, an account with room for one instance only, and a closing in the midst of it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { eventually } from '../fixture/eventually.ts';
import { assertNothingLeft, portalUser } from '../fixture/portal-user.ts';
import { type ProgramsFixture, startProgramsFixture, type World } from '../fixture/programs-fixture.ts';
import type { ExampleSpecification } from '../fixture/specification.ts';

const zone = 'eu-central-1a';
const workspace = '/home/ubuntu/workspace';

const wanting =
  (instance: object) =>
  (example: ExampleSpecification): object => ({
    ...example,
    spot_instance: { ...example.spot_instance, ...instance },
  });

async function onStage(world: World, play: (fixture: ProgramsFixture) => Promise<void>): Promise<void> {
  const fixture = await startProgramsFixture('portald-shortage-', world);
  try {
    const daemon = await fixture.startPortald();
    await play(fixture);
    daemon.process.kill('SIGTERM');
    await once(daemon.process, 'exit');
  } finally {
    await fixture.end();
  }
}

test('the next type is taken when the first has no capacity, in their order or in any', () =>
  onStage({}, async (fixture) => {
    await fixture.control.post('capacity', { instanceType: 'm5.large', zone, available: 0 });
    for (const order of ['listed', 'any']) {
      fixture.specify(order, wanting({ instance_types: ['c5.large'], instance_types_order: order }));
      const user = portalUser(fixture, order);
      assert.equal((await user.open()).instance?.type, 'c5.large');
      await user.close();
      await assertNothingLeft(fixture);
    }
  }));

test('without capacity it says so, never has two fleets, opens when there is some, and closes at once', () =>
  onStage({}, async (fixture) => {
    await fixture.control.post('capacity', { instanceType: 'm5.large', zone, available: 0 });
    for (const ending of ['capacity', 'closing']) {
      fixture.specify(ending, wanting({}));
      const user = portalUser(fixture, ending);
      assert.equal((await fixture.portalctl(['open', ending, '--no-wait'])).code, 0);
      const { step } = await eventually('it tells of the shortage', async () => {
        const view = await user.view();
        return view.step.what === 'waiting for spot capacity' ? view : undefined;
      });
      assert.match(step.reason, /capacity/i);
      const { problem } = await user.view();
      assert.equal(problem?.kind, 'capacity');
      assert.match(problem.hint ?? '', /more types in spot_instance\.instance_types/);
      const events = (await fixture.portalctl(['events', ending])).stdout;
      assert.equal(events.match(/no spot capacity for m5\.large/g)?.length, 1, events);
      assert.equal((await fixture.control.bill()).openFleets.length, 1);
      if (ending === 'capacity') {
        await fixture.control.post('capacity', { instanceType: 'm5.large', zone, available: 1 });
        assert.equal((await user.until('open')).problem, undefined);
      }
      await user.close();
      await assertNothingLeft(fixture);
      await fixture.control.post('capacity', { instanceType: 'm5.large', zone, available: 0 });
    }
  }));

test('an account with room for one instance gets one after the other', () =>
  onStage({ quota: { spotVCpus: 2 } }, async (fixture) => {
    fixture.specify('single', wanting({}));
    const user = portalUser(fixture, 'single');
    const first = (await user.open()).instance;
    await fixture.onInstance(first?.address ?? '', `echo kept > ${workspace}/kept`);
    await fixture.control.post('notice', { instanceId: first?.id, noticeMs: 34_000 });
    const told = await eventually('the quota is told', async () => {
      const { problem } = await user.view();
      return problem?.kind === 'quota' ? problem : undefined;
    });
    assert.match(told.hint ?? '', /Service Quotas/);
    await user.until('open', first?.id ?? '');
    assert.equal(await user.fileThere(`${workspace}/kept`), 'kept\n');
    await user.close();
    await assertNothingLeft(fixture);
    const { volumes } = await fixture.control.get<{ volumes: { tornFrom: string[] }[] }>('state');
    assert.ok(
      volumes.every((one) => one.tornFrom.length === 0),
      'the volume was unmounted in order',
    );
    const { fleets } = await fixture.control.get<{ fleets: unknown[] }>('state');
    assert.ok(fleets.length <= 5, `${fleets.length} fleets were requested`);
  }));

test('machines that end at once: the next type is taken; without another, the opening is given up', () =>
  onStage({}, async (fixture) => {
    const shortLived = { instanceType: 'm5.large', code: 'Client.InternalError', count: 100 };
    await fixture.control.post('short-lived', shortLived);
    fixture.specify('other', wanting({ instance_types: ['c5.large'] }));
    const user = portalUser(fixture, 'other');
    assert.equal((await user.open()).instance?.type, 'c5.large');
    const why = (await fixture.portalctl(['why', 'other'])).stdout;
    assert.match(why, /i-\w+ .*Client\.InternalError/);
    await user.close();
    const launched = async (): Promise<number> =>
      (await fixture.control.instances()).filter(
        ({ specification }) => (specification as { instanceType: string }).instanceType === 'm5.large',
      ).length;
    const before = await launched();
    assert.ok(before <= 2, String(before));

    fixture.specify('only', wanting({}));
    const { code, stderr } = await fixture.portalctl(['open', 'only']);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /ended \d+ s after it was launched, before the portal was open on it \(.*Client\.InternalError\)/,
    );
    assert.match(stderr, /hint: .*KMS key/);
    assert.equal((await launched()) - before, 3);
    await assertNothingLeft(fixture);
  }));

test('a machine that its owner stops is ended, and the portal moves', () =>
  onStage({}, async (fixture) => {
    fixture.specify('stopped', wanting({}));
    const user = portalUser(fixture, 'stopped');
    const first = (await user.open()).instance;
    await fixture.onInstance(first?.address ?? '', `echo kept > ${workspace}/kept; sync`);
    await fixture.control.post('stop', { instanceId: first?.id });
    await user.until('open', first?.id ?? '');
    assert.equal(await user.fileThere(`${workspace}/kept`), 'kept\n');
    const machines = await fixture.control.instances();
    assert.equal(machines.find((one) => one.instanceId === first?.id)?.state, 'terminated');
    const events = (await fixture.portalctl(['events', 'stopped'])).stdout;
    assert.match(events, /was ended by somebody in the account/);
    await user.close();
    await assertNothingLeft(fixture);
  }));

test('an opening that EC2 goes on refusing is given up, and nothing goes on billing', () =>
  onStage({}, async (fixture) => {
    const rule = { action: 'AttachVolume', kind: 'error', code: 'InvalidParameterValue', status: 400 };
    await fixture.control.post('faults', [
      { ...rule, message: 'Value (/dev/xvdf) for parameter device is invalid' },
    ]);
    fixture.specify('refused', wanting({}));
    const finished = await fixture.portalctl(['open', 'refused']);
    assert.equal(finished.code, 1);
    assert.match(finished.stderr, /parameter device is invalid/);
    // EC2 deletes the root volume of an ended instance by itself, a moment later.
    await eventually('nothing is left', () =>
      assertNothingLeft(fixture).then(
        () => true,
        () => undefined,
      ),
    );
  }));
