// The draft of the user's document: every field of it, each with a placeholder, to be filled in by the user.
import { specificationAsYaml } from './as-yaml.ts';

const draft = {
  spot_instance: {
    instance_type: 'string (required)',
    image_id: 'string (required)',
    key_pair_name: 'string (required)',
    identity_file: 'string (required)',
    security_group_id: 'string (required)',
    availability_zone: 'string (required)',
    subnet_id: 'string (optional)',
    ebs_optimized: 'boolean (optional)',
    remote_group: 'string (required)',
    remote_user: 'string (required)',
    python_virtual_env: 'string (optional)',
    extra_python_packages: ['string (optional)'],
  },
  spot_fleet: {
    iam_fleet_role: 'string (required)',
  },
  persistent_volumes: [
    {
      volume_id: 'string (required)',
      device: 'string (required)',
      mount_point: 'string (required)',
    },
  ],
  channels: [
    {
      direction: 'string (required)',
      local_path: 'string (required)',
      remote_path: 'string (required)',
      recursive: 'boolean (optional)',
      delay: 'float (optional)',
    },
  ],
};

/** What a placeholder of the draft looks like. */
export const placeholder = /^(string|boolean|float) \((required|optional)\)$/;

/** The draft in JSON, letter for letter as the document prints it. */
export function draftAsJson(): string {
  return `${JSON.stringify(draft, undefined, 8)}\n`;
}

/** The draft in YAML, key for key, each with a comment on what it is. */
export function draftAsYaml(): string {
  return specificationAsYaml(draft);
}
