// The only file that imports @aws-sdk/client-ec2. It names the operations in use, so that the installed program carries
// those alone: the whole client would cost every start a second and twice the memory.
import {
  AttachVolumeCommand,
  CancelSpotFleetRequestsCommand,
  CreateSnapshotCommand,
  CreateTagsCommand,
  CreateVolumeCommand,
  DeleteSnapshotCommand,
  DeleteVolumeCommand,
  DescribeAvailabilityZonesCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  DescribeKeyPairsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  DescribeSpotFleetInstancesCommand,
  DescribeSpotFleetRequestHistoryCommand,
  DescribeSpotFleetRequestsCommand,
  DescribeSpotInstanceRequestsCommand,
  DescribeSpotPriceHistoryCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  DescribeVolumesModificationsCommand,
  DetachVolumeCommand,
  type EC2,
  EC2Client,
  type EC2ClientConfig,
  GetConsoleOutputCommand,
  ModifyVolumeCommand,
  RequestSpotFleetCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';

import { credentialChain } from './client-credentials.ts';

export type {
  EC2ClientConfig,
  Image,
  Instance as AwsInstance,
  InstanceTypeInfo,
  SecurityGroup,
  Snapshot,
  Subnet,
  Volume,
  VolumeModification,
} from '@aws-sdk/client-ec2';

/** By the method's name in the SDK. Calling one that is missing here does not compile. */
export const operations = {
  attachVolume: AttachVolumeCommand,
  cancelSpotFleetRequests: CancelSpotFleetRequestsCommand,
  createSnapshot: CreateSnapshotCommand,
  createTags: CreateTagsCommand,
  createVolume: CreateVolumeCommand,
  deleteSnapshot: DeleteSnapshotCommand,
  deleteVolume: DeleteVolumeCommand,
  describeAvailabilityZones: DescribeAvailabilityZonesCommand,
  describeImages: DescribeImagesCommand,
  describeInstances: DescribeInstancesCommand,
  describeInstanceTypes: DescribeInstanceTypesCommand,
  describeKeyPairs: DescribeKeyPairsCommand,
  describeSecurityGroups: DescribeSecurityGroupsCommand,
  describeSnapshots: DescribeSnapshotsCommand,
  describeSpotFleetInstances: DescribeSpotFleetInstancesCommand,
  describeSpotFleetRequestHistory: DescribeSpotFleetRequestHistoryCommand,
  describeSpotFleetRequests: DescribeSpotFleetRequestsCommand,
  describeSpotInstanceRequests: DescribeSpotInstanceRequestsCommand,
  describeSpotPriceHistory: DescribeSpotPriceHistoryCommand,
  describeSubnets: DescribeSubnetsCommand,
  describeVolumes: DescribeVolumesCommand,
  describeVolumesModifications: DescribeVolumesModificationsCommand,
  detachVolume: DetachVolumeCommand,
  getConsoleOutput: GetConsoleOutputCommand,
  modifyVolume: ModifyVolumeCommand,
  requestSpotFleet: RequestSpotFleetCommand,
  runInstances: RunInstancesCommand,
  terminateInstances: TerminateInstancesCommand,
};

export interface Ec2Configuration extends EC2ClientConfig {
  readonly requestHandler: object;
}

/** The SDK's client, with the operations in use as methods. */
export type Ec2 = Pick<EC2, keyof typeof operations> &
  Pick<EC2Client, 'config' | 'destroy' | 'middlewareStack'>;

/** Makes a client; nothing is sent. Credentials are asked for by the same way as EC2. */
export function createEc2(configuration: Ec2Configuration): Ec2 {
  const { requestHandler } = configuration;
  const client = new EC2Client({
    ...configuration,
    credentialDefaultProvider: credentialChain(requestHandler),
  });
  const send = client.send.bind(client) as (command: object, options?: object) => Promise<unknown>;
  const methods = Object.entries(operations).map(([name, Command]) => [
    name,
    (input: object = {}, options?: object) =>
      send(new (Command as new (input: object) => object)(input), options),
  ]);
  return Object.assign(client, Object.fromEntries(methods)) as EC2Client & Ec2;
}
