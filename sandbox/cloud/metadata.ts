// What the metadata service of an instance says.
import type { MetadataSource } from '../machine/metadata-service.ts';
import type { Cloud } from './cloud.ts';
import type { Instance } from './model.ts';

const seconds = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

/** The metadata of an instance, read at each request. */
export function metadataOf(cloud: Cloud, instance: Instance): MetadataSource {
  const values: Record<string, () => string | undefined> = {
    'meta-data/instance-id': () => instance.instanceId,
    'meta-data/instance-type': () => instance.specification.instanceType,
    'meta-data/ami-id': () => instance.specification.imageId,
    'meta-data/instance-life-cycle': () => 'spot',
    'meta-data/local-ipv4': () => instance.address,
    'meta-data/public-ipv4': () => instance.publicAddress,
    'meta-data/placement/availability-zone': () => instance.zone,
    'meta-data/placement/region': () => cloud.region.world.region,
    'meta-data/spot/instance-action': () =>
      instance.interruption &&
      JSON.stringify({ action: instance.interruption.action, time: seconds(instance.interruption.atMs) }),
    'meta-data/spot/termination-time': () =>
      instance.interruption?.action === 'terminate' ? seconds(instance.interruption.atMs) : undefined,
    'meta-data/events/recommendations/rebalance': () =>
      instance.rebalanceAtMs === undefined
        ? undefined
        : JSON.stringify({ noticeTime: seconds(instance.rebalanceAtMs) }),
    'user-data': () => instance.specification.userData || undefined,
  };
  return {
    now: cloud.schedule.now,
    newToken: () => Buffer.from(cloud.noise.hex(40), 'hex').toString('base64'),
    read: (path) => (Object.hasOwn(values, path) ? values[path]?.() : undefined),
  };
}
