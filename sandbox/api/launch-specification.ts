// Reading and checking a fleet's launch specifications, as the API itself does before it accepts a request.
// What can only be known by looking into the region (a missing image, say) is found when the fleet launches.
import type { BlockDevice, LaunchSpecification } from '../cloud/model.ts';
import { checkId, Ec2Error } from './error.ts';
import { type Form, flagAt, numberAt, requiredText, textAt, textsAt, treeAt, treesAt } from './form.ts';
import { readTags } from './tags.ts';

const userDataLimit = 16_384;

/** AWS's refusal of a fleet's configuration. */
export function invalidConfiguration(sentence: string): Ec2Error {
  return new Ec2Error('InvalidSpotFleetRequestConfig', sentence);
}

/** Reads one launch specification. Throws AWS's refusals. */
export function readLaunchSpecification(form: Form): LaunchSpecification {
  const imageId = requiredText(form, 'ImageId');
  checkId('image', imageId);
  const [networkInterface, ...moreInterfaces] = treesAt(form, 'NetworkInterfaceSet');
  if (moreInterfaces.length > 0)
    throw invalidConfiguration('The sandbox has one network interface an instance.');
  const outside = textAt(form, 'SubnetId') ?? (treesAt(form, 'GroupSet').length > 0 ? 'groups' : undefined);
  if (networkInterface && outside !== undefined) {
    throw new Ec2Error(
      'InvalidParameterCombination',
      'Network interfaces and an instance-level subnet ID or security groups may not be specified on the same request',
    );
  }
  const groupIds = networkInterface
    ? textsAt(networkInterface, 'SecurityGroupId')
    : treesAt(form, 'GroupSet').map((group) => requiredText(group, 'GroupId'));
  for (const groupId of groupIds) checkId('securityGroup', groupId);
  const subnetId = textAt(networkInterface ?? form, 'SubnetId');
  if (subnetId !== undefined) checkId('subnet', subnetId);
  const tags = treesAt(form, 'TagSpecificationSet').flatMap((specification) => {
    if (textAt(specification, 'ResourceType') !== 'instance') {
      throw invalidConfiguration('Tag specification resource type must be instance.');
    }
    return readTags(specification, 'Tag');
  });
  return {
    imageId,
    instanceType: requiredText(form, 'InstanceType'),
    keyName: textAt(form, 'KeyName'),
    groupIds,
    zone: textAt(treeAt(form, 'Placement'), 'AvailabilityZone'),
    subnetId,
    associatePublicIp: networkInterface && flagAt(networkInterface, 'AssociatePublicIpAddress'),
    ebsOptimized: flagAt(form, 'EbsOptimized') ?? false,
    userData: readUserData(textAt(form, 'UserData')),
    maximumPrice: readPrice(textAt(form, 'SpotPrice')),
    tags,
    blockDevices: treesAt(form, 'BlockDeviceMapping').map(readBlockDevice),
  };
}

function readUserData(encoded: string | undefined): string {
  if (encoded === undefined) return '';
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(encoded) || encoded.length % 4 !== 0) {
    throw new Ec2Error('InvalidParameterValue', 'Invalid BASE64 encoding of user data');
  }
  const data = Buffer.from(encoded, 'base64');
  if (data.length > userDataLimit)
    throw new Ec2Error('InvalidParameterValue', 'User data is limited to 16384 bytes');
  return data.toString();
}

/** A price in dollars an hour, or undefined. */
export function readPrice(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d*\.?\d+$/.test(text)) throw invalidConfiguration(`Invalid value for SpotPrice: ${text}`);
  return Number(text);
}

function readBlockDevice(form: Form): BlockDevice {
  const ebs = treeAt(form, 'Ebs');
  return {
    device: requiredText(form, 'DeviceName'),
    sizeGiB: numberAt(ebs, 'VolumeSize'),
    type: textAt(ebs, 'VolumeType'),
    snapshotId: textAt(ebs, 'SnapshotId'),
    deleteOnTermination: flagAt(ebs, 'DeleteOnTermination'),
  };
}
