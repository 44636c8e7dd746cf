// Specifications of many kinds for simulated lives.
import type { PortalRecord } from '../../../daemon/portal/record.ts';
import * as a from '../world.ts';
import type { Chance } from './chance.ts';

/** A portal just opened, of some specification. */
export function someRecord(chance: Chance): PortalRecord {
  const plain = a.record({ wishedAt: a.now, openedAt: a.now });
  const { spot_instance: instance, persistent_volumes: volumes, channels } = plain.specification;
  const second = { volume_id: 'vol-2', device: '/dev/xvdg', mount_point: '/home/ubuntu/more' };
  return {
    ...plain,
    specification: {
      ...plain.specification,
      spot_instance: {
        ...instance,
        ...(chance.happens(0.5) && {
          instance_types: ['g4dn.xlarge'],
          instance_types_order: chance.pick<'listed' | 'any'>(['listed', 'any']),
        }),
        ...(chance.happens(0.4) && {
          extra_python_packages: ['einops'],
          python_virtual_env: chance.pick(['/home/ubuntu/venv', '/home/ubuntu/data/venv']),
        }),
      },
      persistent_volumes: chance.pick([volumes, volumes, [...volumes, second], []]),
      channels: chance.happens(0.8) ? channels : [],
      host_key: chance.pick(['seeded', 'seeded', 'console', 'first-use']),
      ...(chance.happens(0.3) && { on_open: ['true'] }),
      ...(chance.happens(0.3) && { on_interruption: ['true'] }),
    },
  };
}
