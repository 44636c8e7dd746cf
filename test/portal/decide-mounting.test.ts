// Decision tables: volumes on their way to the machine that is to have them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from '../../daemon/portal/decide.ts';
import { table } from './decision-table.ts';
import { failed, first, open } from './scenes.ts';
import * as a from './world.ts';

const attachedCloud = a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] });
const onFirst = { channelsOn: 1 };

table('mounting', [
  [
    'a volume that another machine uses is waited for and never taken',
    a.record(first),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-foreign')] }), {
      1: a.onInstance(),
    }),
    { kind: 'wait' },
  ],
  [
    'an attachment that is stuck is undone',
    a.record(first),
    a.observation(
      a.cloud({
        instances: [a.instance('i-1')],
        volumes: [
          {
            ...a.volume('i-1'),
            attachment: { instanceId: 'i-1', device: '/dev/xvdf', state: 'attaching', since: a.now - 91_000 },
          },
        ],
      }),
      { 1: a.onInstance() },
    ),
    { kind: 'detach-volume', instanceId: 'i-1' },
  ],
  [
    'one that was mounted while EC2 was silent is not undone, whatever EC2 says of it',
    a.record({ ...first, generations: [a.generation(1, { mountingAt: a.now })] }),
    a.observation(
      a.cloud({
        instances: [a.instance('i-1')],
        volumes: [
          {
            ...a.volume('i-1'),
            attachment: { instanceId: 'i-1', device: '/dev/xvdf', state: 'attaching', since: a.now - 91_000 },
          },
        ],
      }),
      {
        1: a.onInstance({
          mounts: a.mounted(false),
          tasks: new Map([['mount-volumes', { state: 'running', attempts: 1, since: a.now }]]),
        }),
      },
    ),
    { kind: 'wait' },
  ],
  [
    'while EC2 is silent nothing is mounted that the instance does not show',
    a.record(first),
    a.observation(undefined, {
      1: a.onInstance({ mounts: [{ volumeId: 'vol-1', mounted: false, occupied: false }] }),
    }),
    { kind: 'wait' },
  ],
  [
    'while EC2 is silent what the instance shows is mounted',
    a.record(first),
    a.observation(undefined, { 1: a.onInstance({ mounts: a.mounted(false) }) }),
    { kind: 'mount-volumes' },
  ],
  [
    'attached volumes are mounted at once: looking first would cost the user another way there and back',
    a.record(first),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] }), {
      1: a.onInstance(),
    }),
    { kind: 'mount-volumes' },
  ],
  [
    'where mounting was begun before, they are looked at first',
    a.record({ ...first, generations: [a.generation(1, { mountingAt: a.now })] }),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] }), {
      1: a.onInstance(),
    }),
    { kind: 'inspect-volumes' },
  ],
  [
    'while they are being mounted nothing looks at them',
    a.record({ ...first, generations: [a.generation(1, { mountingAt: a.now })] }),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] }), {
      1: a.onInstance({
        tasks: new Map([['mount-volumes', { state: 'running', attempts: 1, since: a.now }]]),
      }),
    }),
    { kind: 'wait' },
  ],
  [
    'volumes that are not mounted are mounted',
    a.record(first),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] }), {
      1: a.onInstance({ mounts: a.mounted(false) }),
    }),
    { kind: 'mount-volumes' },
  ],
  [
    'mounting that fails again and again fails the opening, so that nothing goes on billing',
    a.record(first),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] }), {
      1: a.onInstance({ mounts: a.mounted(false), tasks: new Map([['mount-volumes', failed]]) }),
    }),
    { kind: 'fail' },
  ],
  [
    'what is mounted is looked at again every half minute',
    a.record(open),
    a.observation(
      attachedCloud,
      { 1: a.onInstance({ mounts: a.mounted(), mountsAt: a.now - 30_000 }) },
      onFirst,
    ),
    { kind: 'inspect-volumes', generation: 1 },
  ],
  [
    'and not before',
    a.record(open),
    a.observation(
      attachedCloud,
      { 1: a.onInstance({ mounts: a.mounted(), mountsAt: a.now - 29_000 }) },
      onFirst,
    ),
    { kind: 'wait' },
  ],
  [
    'but at once when a channel has missed it',
    a.record(open),
    a.observation(
      attachedCloud,
      { 1: a.onInstance({ mounts: a.mounted(), mountsAt: a.now - 2000 }) },
      { ...onFirst, unmountedAt: a.now - 1000 },
    ),
    { kind: 'inspect-volumes', generation: 1 },
  ],
  [
    'once',
    a.record(open),
    a.observation(
      attachedCloud,
      { 1: a.onInstance({ mounts: a.mounted(), mountsAt: a.now - 1000 }) },
      { ...onFirst, unmountedAt: a.now - 2000 },
    ),
    { kind: 'wait' },
  ],
  [
    'what was unmounted by somebody is mounted again',
    a.record(open),
    a.observation(attachedCloud, { 1: a.onInstance({ mounts: a.mounted(false), mountsAt: a.now }) }),
    { kind: 'mount-volumes', generation: 1 },
  ],
]);

test('a volume that somebody asked AWS to detach while it is mounted is a problem with its own advice', () => {
  const busy = { instanceId: 'i-1', device: '/dev/xvdf', state: 'busy', since: a.now - 60_000 } as const;
  const volumes = [{ ...a.volume('i-1'), attachment: busy }];
  const at = (mounted: boolean) =>
    decide(
      a.record(open),
      a.observation(
        a.cloud({ instances: [a.instance('i-1')], volumes }),
        { 1: a.onInstance({ mounts: a.mounted(mounted) }) },
        { ...onFirst, shownSince: new Map([['vol-1', a.now - 6000]]) },
      ),
    );
  const { step, trouble } = at(true);
  assert.equal(step.kind, 'wait');
  assert.match(trouble?.message ?? '', /a detach of vol-1 from i-1 was requested outside portald/);
  assert.equal(at(false).trouble, undefined, 'it is being detached');
});
