// A fleet request that the fixture's sandbox grants.
import type { FleetRequest } from '../../daemon/portal/cloud.ts';

export function fleetRequest(token: string, change: Partial<FleetRequest> = {}): FleetRequest {
  return {
    token,
    portal: 'gpu',
    opening: 'opening',
    generation: 1,
    fleetRole: 'arn:aws:iam::123456789012:role/aws-ec2-spot-fleet-tagging-role',
    instanceTypes: ['m5.large'],
    imageId: 'ami-0123456789abcdef0',
    keyPairName: 'laptop',
    securityGroupId: 'sg-0123456789abcdef0',
    zone: 'eu-central-1a',
    userData: '#cloud-config\n{}\n',
    ...change,
  };
}
