// What an edited specification changes of a record, and when.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { typesOf } from '../../daemon/portal/pools.ts';
import { portalView } from '../../daemon/portal/portal-view.ts';
import {
  lastingDifferences,
  launchSpecification,
  pendingFields,
  reloaded,
  withNextSpecification,
} from '../../daemon/portal/reload.ts';
import { planned, unanswered } from './scenes.ts';
import * as a from './world.ts';

const channel = (name: string) => ({ direction: 'out', local_path: `/${name}/`, remote_path: name }) as const;
const { specification } = a.record();
const edited = {
  ...specification,
  spot_instance: { ...specification.spot_instance, instance_type: 'p3.2xlarge', remote_user: 'admin' },
  channels: [channel('b'), channel('a')],
  on_open: ['true'],
};

suite('a reloaded specification', () => {
  test('channels and commands hold at once, the rest once an instance is launched', () => {
    const before = a.record({
      specification: { ...specification, channels: [channel('a'), channel('b')] },
      pausedChannels: [0],
      pools: [a.poolTrouble('quota')],
      generations: [{ ...planned, unanswered }],
      rootDevice: '/dev/sda1',
    });
    const after = reloaded(before, 'text', edited, '/dev/xvda');
    assert.deepEqual(after.specification.channels, edited.channels);
    assert.deepEqual(after.specification.on_open, ['true']);
    assert.deepEqual(after.pausedChannels, [1], 'the pause goes with its channel');
    assert.deepEqual(after.pools, [], 'what failed with the old one is tried at once');
    assert.equal(after.generations[0]?.unanswered?.notBefore, 0, 'and so is what had no answer');
    assert.equal(after.specification.spot_instance.instance_type, 'g5.xlarge');
    assert.deepEqual(pendingFields(after), ['spot_instance.instance_type', 'spot_instance.remote_user']);
    assert.deepEqual(typesOf(launchSpecification(after)), ['p3.2xlarge']);
    assert.deepEqual(launchSpecification(after), edited);
    assert.equal(after.rootDevice, '/dev/sda1');

    const launched = withNextSpecification(after);
    assert.deepEqual([launched.specification, launched.rootDevice], [edited, '/dev/xvda']);
    assert.deepEqual([launched.next, pendingFields(launched)], [undefined, []]);
    // The instance that is there is still logged in to as it was launched.
    const live = { ...launched, generations: [a.generation(1)], holder: 1 };
    const step = { what: '', reason: '', since: 0 };
    assert.equal(portalView(live, undefined, step, [], undefined).user, 'ubuntu');
  });

  test('taken back before an instance is launched, nothing is pending', () => {
    const back = reloaded(reloaded(a.record(), 'text', edited, undefined), 'text', specification, undefined);
    assert.deepEqual([back.next, pendingFields(back)], [undefined, []]);
    assert.deepEqual(back.specification, specification);
  });

  test('volumes and zone hold for as long as the portal is open', () => {
    assert.deepEqual(lastingDifferences(specification, edited), []);
    const elsewhere = {
      ...specification,
      spot_instance: { ...specification.spot_instance, availability_zone: 'b' },
      persistent_volumes: [],
    };
    assert.deepEqual(lastingDifferences(specification, elsewhere), [
      'spot_instance.availability_zone',
      'persistent_volumes',
    ]);
  });
});
