// A specification as written by a user of the sandbox, with every field of the user's document but the packages, which
// take seconds to install.

export interface ExampleSpecification {
  spot_instance: Record<string, unknown>;
  spot_fleet: Record<string, unknown>;
  persistent_volumes: Record<string, unknown>[];
  channels: Record<string, unknown>[];
  [extension: string]: unknown;
}

export function exampleSpecification(region: string, sshPort: number): ExampleSpecification {
  return {
    spot_instance: {
      instance_type: 'm5.large',
      image_id: 'ami-0123456789abcdef0',
      key_pair_name: 'laptop',
      identity_file: 'key',
      security_group_id: 'sg-0123456789abcdef0',
      availability_zone: `${region}a`,
      subnet_id: 'subnet-00000000000000001',
      ebs_optimized: true,
      remote_group: 'ubuntu',
      remote_user: 'ubuntu',
      python_virtual_env: '/home/ubuntu/venv',
      ssh_port: sshPort,
    },
    spot_fleet: { iam_fleet_role: 'arn:aws:iam::123456789012:role/aws-ec2-spot-fleet-tagging-role' },
    persistent_volumes: [
      { volume_id: 'vol-0123456789abcdef0', device: '/dev/xvdf', mount_point: '/home/ubuntu/workspace' },
    ],
    channels: [
      {
        direction: 'out',
        local_path: 'code/',
        remote_path: '/home/ubuntu/workspace/code/',
        recursive: true,
        delay: 0.2,
      },
      {
        direction: 'in',
        local_path: 'results/',
        remote_path: '/home/ubuntu/workspace/results/',
        recursive: true,
        delay: 0.2,
      },
    ],
  };
}

/** The example with the rest of the fields. */
export function withPackages(example: ExampleSpecification): ExampleSpecification {
  const packages = { extra_python_packages: ['tqdm', 'einops'] };
  return { ...example, spot_instance: { ...example.spot_instance, ...packages } };
}
