// The calls that change something in EC2.
import { PortalError } from '../../protocol/errors.ts';
import { type Cloud, type FleetRequest, tagNames } from '../portal/cloud.ts';
import type { Aws } from './aws.ts';
import { awsCodeOf, sortAwsError } from './aws-errors.ts';

export function createCloud(aws: Aws, installation: string): Cloud {
  const call = async <T>(
    doing: string,
    work: (ec2: Awaited<ReturnType<Aws['client']>>) => Promise<T>,
  ): Promise<T> => {
    try {
      return await work(await aws.client());
    } catch (error) {
      throw sortAwsError(error, doing);
    }
  };

  return {
    requestFleet: (request) =>
      call('requesting a spot fleet', async (ec2) => {
        const answer = await ec2.requestSpotFleet({
          SpotFleetRequestConfig: fleetConfig(request, installation),
        });
        if (answer.SpotFleetRequestId === undefined) throw new Error('the answer names no spot fleet');
        return answer.SpotFleetRequestId;
      }),

    cancelFleet: (fleetId, { mayLeaveInstances }) => {
      const doing = `cancelling spot fleet ${fleetId}`;
      return call(doing, async (ec2) => {
        const cancel = async (terminates: boolean): Promise<void> => {
          const answer = await ec2.cancelSpotFleetRequests({
            SpotFleetRequestIds: [fleetId],
            TerminateInstances: terminates,
          });
          // HTTP 200 does not mean that it worked: refusals come item by item.
          const refused = answer.UnsuccessfulFleetRequests?.find(
            (one) => one.SpotFleetRequestId === fleetId,
          )?.Error;
          const code = refused?.Code ?? '';
          if (refused === undefined || code === 'fleetRequestNotInCancellableState') return;
          const kind = code === 'unexpectedError' ? 'endpoint' : 'configuration';
          throw new PortalError(kind, `${doing}: ${refused.Message ?? code}`);
        };
        try {
          await cancel(true);
        } catch (error) {
          // An EC2 may refuse to terminate what is terminated already. Instances that live are ended one by one, too.
          if (!mayLeaveInstances || sortAwsError(error, doing).kind !== 'configuration') throw error;
          await cancel(false).catch(() => {
            throw error;
          });
        }
      });
    },

    terminateInstance: (instanceId) =>
      call(`terminating ${instanceId}`, async (ec2) => {
        await ec2
          .terminateInstances({ InstanceIds: [instanceId] })
          .catch(ignore('InvalidInstanceID.NotFound'));
      }),

    attachVolume: (volumeId, instanceId, device) =>
      call(`attaching ${volumeId} to ${instanceId}`, async (ec2) => {
        await ec2
          .attachVolume({ VolumeId: volumeId, InstanceId: instanceId, Device: device })
          .catch(late(volumeId));
      }),

    detachVolume: (volumeId, instanceId) =>
      call(`detaching ${volumeId} from ${instanceId}`, async (ec2) => {
        await ec2
          .detachVolume({ VolumeId: volumeId, InstanceId: instanceId })
          .catch(ignore('IncorrectState', 'InvalidAttachment.NotFound'));
      }),

    tagVolume: (volumeId, tags) =>
      call(`tagging ${volumeId}`, async (ec2) => {
        const list = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
        await ec2.createTags({ Resources: [volumeId], Tags: list });
      }),

    consoleOutput: (instanceId) =>
      call(`reading the console of ${instanceId}`, async (ec2) => {
        const answer = await ec2.getConsoleOutput({ InstanceId: instanceId });
        return Buffer.from(answer.Output ?? '', 'base64').toString('utf8');
      }),
  };
}

/** A volume that was shown as free and is not: EC2's answers are late, and the next ones tell where it is. */
function late(volumeId: string): (error: unknown) => never {
  return (error) => {
    if (!['VolumeInUse', 'IncorrectState'].includes(awsCodeOf(error))) throw error;
    const said = error instanceof Error ? error.message : String(error);
    throw new PortalError('endpoint', `EC2 shows ${volumeId} as free, and does not attach it: ${said}`, {
      hint: 'nothing is to be done: portald tries again by itself, until EC2 tells where the volume is',
      cause: error,
    });
  };
}

/** Refusals that mean that what was wanted is so already. */
function ignore(...codes: string[]): (error: unknown) => void {
  return (error) => {
    if (!codes.includes(awsCodeOf(error))) throw error;
  };
}

function fleetConfig(request: FleetRequest, installation: string) {
  const tags = [
    { Key: tagNames.installation, Value: installation },
    { Key: tagNames.portal, Value: request.portal },
    { Key: tagNames.opening, Value: request.opening },
    { Key: tagNames.generation, Value: String(request.generation) },
    { Key: 'Name', Value: `portal ${request.portal}` },
  ];
  return {
    ClientToken: request.token,
    IamFleetRole: request.fleetRole,
    TargetCapacity: 1,
    // `maintain`, the default, would replace the instance by itself and race the daemon.
    Type: 'request' as const,
    AllocationStrategy: 'priceCapacityOptimized' as const,
    InstanceInterruptionBehavior: 'terminate' as const,
    TerminateInstancesWithExpiration: false,
    LaunchSpecifications: request.instanceTypes.map((instanceType) => ({
      ImageId: request.imageId,
      InstanceType: instanceType as 'g5.xlarge',
      KeyName: request.keyPairName,
      SecurityGroups: [{ GroupId: request.securityGroupId }],
      Placement: { AvailabilityZone: request.zone },
      UserData: Buffer.from(request.userData).toString('base64'),
      TagSpecifications: [{ ResourceType: 'instance' as const, Tags: tags }],
      ...(request.subnetId !== undefined && { SubnetId: request.subnetId }),
      ...(request.ebsOptimized !== undefined && { EbsOptimized: request.ebsOptimized }),
      ...(request.rootDevice !== undefined && {
        BlockDeviceMappings: [{ DeviceName: request.rootDevice, Ebs: { DeleteOnTermination: true } }],
      }),
    })),
    TagSpecifications: [{ ResourceType: 'spot-fleet-request' as const, Tags: tags }],
  };
}
