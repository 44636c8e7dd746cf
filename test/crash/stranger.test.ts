// An address is used again: where an instance was, or where the next one is to be, another machine's SSH server answers
// and lets everybody in. It is refused for its host key each time, before anything of ours is shown to it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { generateEd25519 } from '../../daemon/remote/ssh2.ts';
import { eventually } from '../fixture/eventually.ts';
import { type HostileServer, startHostileServer } from '../remote/hostile-server.ts';
import { type CrashFixture, startCrashFixture, untilHeld } from './crash-fixture.ts';
import { assertNothingLeft, booksOf, instancesOf } from './judge.ts';
import { userOf } from './user.ts';

let fixture: CrashFixture;
before(async () => {
  fixture = await startCrashFixture();
});
after(() => fixture?.end());

function strangerAt(host: string): Promise<HostileServer> {
  return startHostileServer(
    {
      hostKeys: [generateEd25519().privateKey],
      exec: (_command, channel) => {
        channel.exit(0);
        channel.end();
      },
      metadata: (channel) => void channel.end(),
    },
    { host, port: fixture.programs.sandbox.sshPort },
  );
}

/** How often portald said that it refused the host key of the instance. */
function refusals(instanceId: string): number {
  return fixture
    .log()
    .split('\n')
    .filter((line) => line.includes('"kind":"host-key"') && line.includes(`"instance":"${instanceId}"`))
    .length;
}

/** Waits for refusals, sends the stranger away, and looks at what it was told. */
async function assertRefused(stranger: HostileServer, instanceId: string, atLeast: number): Promise<void> {
  await eventually(`${atLeast} visits to the stranger were refused`, () =>
    refusals(instanceId) >= atLeast ? true : undefined,
  );
  await stranger[Symbol.asyncDispose]();
  // One visit may have been under way.
  const unrefused = stranger.connections() - refusals(instanceId);
  assert.ok(unrefused <= 1, `${unrefused} visits were not refused for the host key`);
  assert.deepEqual(stranger.attempts, [], 'no login, no command and no file reached the stranger');
}

test('a stranger at the address of a dead instance, and at that of the next, is never spoken to', async (context) => {
  const user = userOf(fixture, 'recycled', fixture.volumes[0] ?? '');
  const { control } = fixture.programs;
  const opened = await user.open();
  const first = opened.instance?.id ?? '';
  const address = opened.instance?.address ?? '';
  await user.write(address, 'kept', 'data');

  // EC2 tells of the death only once the stranger was met.
  const silence = await fixture.fault({ action: 'DescribeInstances', kind: 'hold-before' });
  await control.post('kill', { instanceId: first });
  const atTheOld = await strangerAt(address);
  user.save('secret', 'not for strangers');
  await assertRefused(atTheOld, first, 1);

  // And of the next instance only once the stranger is there.
  const order = await fixture.fault({ action: 'RequestSpotFleet', kind: 'hold-before' });
  await silence.end();
  await untilHeld(fixture.programs, order.id, () => false);
  const secondSilence = await fixture.fault({ action: 'DescribeInstances', kind: 'hold-before' });
  await order.end();
  const next = await eventually('the next instance runs', async () => {
    const found = instancesOf(await booksOf(fixture), user.name);
    return found.find((one) => one.instanceId !== first && one.state === 'running');
  });
  // Its own sshd goes before anybody has met it, and the stranger takes its place.
  await control.post('network', { instanceId: next.instanceId, mode: 'refuse' });
  const atTheNew = await strangerAt(next.publicAddress ?? '');
  await secondSilence.end();
  await assertRefused(atTheNew, next.instanceId, 3);
  context.diagnostic(
    `visits: ${atTheOld.connections()} at the old address, ${atTheNew.connections()} at the new one`,
  );
  assert.notEqual((await user.view())?.state, 'open');

  await control.post('network', { instanceId: next.instanceId, mode: 'ok' });
  const again = await user.until('open', first);
  assert.equal(again.instance?.id, next.instanceId, 'the right machine is known by its key');
  await user.arrived(next.instanceId, 'kept', 'data');
  await user.arrived(next.instanceId, 'code/secret', 'not for strangers');
  await user.close();
  await assertNothingLeft(fixture, new Set([first]));
});
