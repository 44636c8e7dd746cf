// The steps of the scripts that people write for this, with the AWS client's own waiters (every 15 s, as `aws ec2 wait`)
// and OpenSSH. They ask for all instance types at once, so a pool that refuses costs them nothing.
import { setTimeout as sleep } from 'node:timers/promises';
import { EC2, waitUntilInstanceRunning, waitUntilVolumeAvailable } from '@aws-sdk/client-ec2';
import { mountPoint, typesOf, volumeOf, zone } from './region.ts';
import type { Scene } from './scene.ts';

export interface Machine {
  readonly fleetId: string;
  readonly instanceId: string;
  readonly address: string;
}

export interface Script {
  /** Orders an instance and waits until it lets us in. */
  launch(): Promise<Machine>;
  /** Attaches the volume as soon as it is free, and mounts it. */
  takeVolume(machine: Machine): Promise<void>;
  unmount(machine: Machine): Promise<void>;
  detach(machine: Machine): Promise<void>;
  /** Waits until the instance does not run any more. */
  untilLost(machine: Machine): Promise<void>;
  end(machine: Machine): Promise<void>;
}

const fleetRole = 'arn:aws:iam::123456789012:role/aws-ec2-spot-fleet-tagging-role';
const waiterSeconds = 15;
const retryMs = 5000;
/** How often a common controller of spot jobs looks at its machine. */
const statusMs = 15_000;

export function createScript({ stage }: Scene, portal: number): Script {
  const { endpoint, region, accessKeyId, secretAccessKey } = stage.sandbox;
  const ec2 = new EC2({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
  const waiter = { client: ec2, minDelay: waiterSeconds, maxDelay: waiterSeconds, maxWaitTime: 600 };
  const volumeId = volumeOf(portal);

  const order = async (): Promise<string> => {
    const { SpotFleetRequestId: fleetId = '' } = await ec2.requestSpotFleet({
      SpotFleetRequestConfig: {
        IamFleetRole: fleetRole,
        TargetCapacity: 1,
        Type: 'request',
        AllocationStrategy: 'priceCapacityOptimized',
        LaunchSpecifications: typesOf(portal).map((instanceType) => ({
          ImageId: 'ami-0123456789abcdef0',
          InstanceType: instanceType as 'm5.large',
          KeyName: 'laptop',
          Placement: { AvailabilityZone: zone },
          SecurityGroups: [{ GroupId: 'sg-0123456789abcdef0' }],
        })),
      },
    });
    return fleetId;
  };
  const instanceOf = async (fleetId: string): Promise<string> => {
    for (;;) {
      const { ActiveInstances } = await ec2.describeSpotFleetInstances({ SpotFleetRequestId: fleetId });
      const id = ActiveInstances?.[0]?.InstanceId;
      if (id !== undefined) return id;
      await sleep(retryMs);
    }
  };
  const stateOf = async (instanceId: string) =>
    (await ec2.describeInstances({ InstanceIds: [instanceId] })).Reservations?.[0]?.Instances?.[0];
  const run = async (address: string, command: string): Promise<void> => {
    const told = await stage.onInstance(address, command);
    if (told.code !== 0) throw new Error(`${command}: ${told.stderr}`);
  };

  return {
    async launch() {
      const fleetId = await order();
      const instanceId = await instanceOf(fleetId);
      await waitUntilInstanceRunning(waiter, { InstanceIds: [instanceId] });
      const address = (await stateOf(instanceId))?.PublicIpAddress ?? '';
      while ((await stage.onInstance(address, 'true')).code !== 0) await sleep(retryMs);
      return { fleetId, instanceId, address };
    },
    async takeVolume({ instanceId, address }) {
      await waitUntilVolumeAvailable(waiter, { VolumeIds: [volumeId] });
      await ec2.attachVolume({ VolumeId: volumeId, InstanceId: instanceId, Device: '/dev/xvdf' });
      const device = `/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${volumeId.replace('-', '')}`;
      await run(
        address,
        `mkdir -p ${mountPoint}; until [ -e ${device} ]; do sleep 1; done; sudo mount ${device} ${mountPoint}`,
      );
    },
    // Whoever writes at this very moment is let finish.
    unmount: ({ address }) => run(address, `sync; until sudo umount ${mountPoint}; do sleep 1; done`),
    async detach({ instanceId }) {
      await ec2.detachVolume({ VolumeId: volumeId, InstanceId: instanceId });
    },
    async untilLost({ instanceId }) {
      while ((await stateOf(instanceId))?.State?.Name === 'running') await sleep(statusMs);
    },
    async end({ fleetId }) {
      await ec2.cancelSpotFleetRequests({ SpotFleetRequestIds: [fleetId], TerminateInstances: true });
    },
  };
}
