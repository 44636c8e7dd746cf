// Whether the fleet role can be one of this account. EC2 tells nothing more of roles.
import type { Check } from './finding.ts';

const rolePath = ['spot_fleet', 'iam_fleet_role'] as const;

export const checkRole: Check = {
  about: () => 'the fleet role',
  path: rolePath,
  isEssential: false,
  run({ specification: { spot_fleet: fleet }, account }) {
    const arn = /^arn:[a-z-]+:iam::(\d{12}):role\/.+$/.exec(fleet.iam_fleet_role);
    const about = { path: rolePath, kind: 'configuration' as const };
    if (arn === null) {
      return Promise.resolve([
        {
          ...about,
          level: 'problem',
          message: `${fleet.iam_fleet_role} is not the ARN of a role`,
          hint: `it has the form arn:aws:iam::${account ?? '123456789012'}:role/aws-ec2-spot-fleet-tagging-role`,
        },
      ]);
    }
    if (account !== undefined && arn[1] !== account) {
      return Promise.resolve([
        {
          ...about,
          level: 'problem',
          message: `the fleet role belongs to account ${arn[1]}, and portald works in ${account}`,
          hint: `name the role of account ${account}`,
        },
      ]);
    }
    return Promise.resolve([]);
  },
};
