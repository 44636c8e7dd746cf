// What can be told before anything is launched or billed: does the account have what the specification names?
// Read-only; every refusal is one sentence that names the thing.
import { PortalError } from '../../protocol/errors.ts';
import type { Specification } from '../../protocol/specification/schema.ts';
import type { Aws } from './aws.ts';
import { sortAwsError } from './aws-errors.ts';

export interface PreflightResult {
  /** Set when the image's root volume would outlive its instance: the device whose mapping must be overridden. */
  readonly rootDevice?: string;
}

export type Preflight = (
  specification: Specification,
  identity: { publicKey: string },
  context: { signal: AbortSignal; progress: (message: string) => void },
) => Promise<PreflightResult>;

export function createPreflight(aws: Aws): Preflight {
  return async (specification, identity, { signal, progress }) => {
    const ec2 = await aws.client();
    const options = { abortSignal: signal };
    const { spot_instance: wanted } = specification;
    const ask = async <T>(doing: string, call: () => Promise<T>): Promise<T> => {
      signal.throwIfAborted();
      progress(doing);
      try {
        return await call();
      } catch (error) {
        signal.throwIfAborted();
        throw sortAwsError(error, doing);
      }
    };

    await ask(`checking key pair ${wanted.key_pair_name}`, async () => {
      const answer = await ec2.describeKeyPairs(
        { KeyNames: [wanted.key_pair_name], IncludePublicKey: true },
        options,
      );
      const offered = answer.KeyPairs?.[0]?.PublicKey;
      if (offered !== undefined && keyBlob(offered) !== keyBlob(identity.publicKey)) {
        throw new PortalError(
          'key-pair',
          `identity file ${wanted.identity_file} does not belong to key pair ${wanted.key_pair_name}`,
          { hint: 'name the private key of that key pair in identity_file, or the right key_pair_name' },
        );
      }
    });

    await ask(`checking security group ${wanted.security_group_id}`, () =>
      ec2.describeSecurityGroups({ GroupIds: [wanted.security_group_id] }, options),
    );

    if (wanted.subnet_id !== undefined) {
      const { subnet_id: subnetId, availability_zone: zone } = wanted;
      await ask(`checking subnet ${subnetId}`, async () => {
        const answer = await ec2.describeSubnets({ SubnetIds: [subnetId] }, options);
        const subnetZone = answer.Subnets?.[0]?.AvailabilityZone;
        if (subnetZone !== undefined && subnetZone !== zone) {
          throw new PortalError('zone', `subnet ${subnetId} is in ${subnetZone}, not in ${zone}`, {
            hint: 'name a subnet of that zone, or leave subnet_id out to use the default one',
          });
        }
      });
    }

    await ask('checking the volumes', async () => {
      const ids = specification.persistent_volumes.map((volume) => volume.volume_id);
      if (ids.length === 0) return;
      const answer = await ec2.describeVolumes({ VolumeIds: ids }, options);
      for (const volume of answer.Volumes ?? []) {
        if (volume.AvailabilityZone !== wanted.availability_zone) {
          throw new PortalError(
            'zone',
            `volume ${volume.VolumeId} is in ${volume.AvailabilityZone}; the instance is to be in ${wanted.availability_zone}`,
            { hint: 'set availability_zone to the volume’s zone, or move the volume by a snapshot' },
          );
        }
        const user = volume.Attachments?.find((one) => one.State !== 'detached')?.InstanceId;
        if (user !== undefined) {
          throw new PortalError('volume', `volume ${volume.VolumeId} is attached to ${user}`, {
            hint: 'detach it there first; a volume is written by one instance at a time',
          });
        }
      }
    });

    return ask(`checking image ${wanted.image_id}`, async () => {
      const answer = await ec2.describeImages({ ImageIds: [wanted.image_id] }, options);
      const image = answer.Images?.[0];
      if (image === undefined) {
        throw new PortalError('not-found', `image ${wanted.image_id} is not in this Region`, {
          hint: 'image ids differ from Region to Region; look the image up in the one you use',
        });
      }
      const root = image.BlockDeviceMappings?.find((one) => one.DeviceName === image.RootDeviceName);
      return root?.Ebs?.DeleteOnTermination === false && image.RootDeviceName !== undefined
        ? { rootDevice: image.RootDeviceName }
        : {};
    });
  };
}

/** Type and base64 body of an OpenSSH public key, without its comment. */
function keyBlob(publicKey: string): string {
  return publicKey.trim().split(/\s+/).slice(0, 2).join(' ');
}
