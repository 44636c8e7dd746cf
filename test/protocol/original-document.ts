// The user's own document: its draft as printed there, and a specification with every one of its fields.

/** The draft, word for word. */
export const draft = `{
        "spot_instance": {
                "instance_type": "string (required)",
                "image_id": "string (required)",
                "key_pair_name": "string (required)",
                "identity_file": "string (required)",
                "security_group_id": "string (required)",
                "availability_zone": "string (required)",
                "subnet_id": "string (optional)",
                "ebs_optimized": "boolean (optional)",
                "remote_group": "string (required)",
                "remote_user": "string (required)",
                "python_virtual_env": "string (optional)",
                "extra_python_packages": [
                        "string (optional)"
                ]
        },
        "spot_fleet": {
                "iam_fleet_role": "string (required)"
        },
        "persistent_volumes": [
                {
                        "volume_id": "string (required)",
                        "device": "string (required)",
                        "mount_point": "string (required)"
                }
        ],
        "channels": [
                {
                        "direction": "string (required)",
                        "local_path": "string (required)",
                        "remote_path": "string (required)",
                        "recursive": "boolean (optional)",
                        "delay": "float (optional)"
                }
        ]
}
`;

/** The draft in YAML. */
export const draftAsYaml = `spot_instance:
  instance_type: string (required)
  image_id: string (required)
  key_pair_name: string (required)
  identity_file: string (required)
  security_group_id: string (required)
  availability_zone: string (required)
  subnet_id: string (optional)
  ebs_optimized: boolean (optional)
  remote_group: string (required)
  remote_user: string (required)
  python_virtual_env: string (optional)
  extra_python_packages:
    - string (optional)
spot_fleet:
  iam_fleet_role: string (required)
persistent_volumes:
  - volume_id: string (required)
    device: string (required)
    mount_point: string (required)
channels:
  - direction: string (required)
    local_path: string (required)
    remote_path: string (required)
    recursive: boolean (optional)
    delay: float (optional)
`;

/** Every field of the document, filled in. */
export const everyFieldAsYaml = `spot_instance:
  instance_type: p2.xlarge
  image_id: ami-1
  key_pair_name: my key
  identity_file: ~/.ssh/key.pem
  security_group_id: sg-1
  availability_zone: us-east-1a
  subnet_id: subnet-1
  ebs_optimized: true
  remote_group: ubuntu
  remote_user: ubuntu
  python_virtual_env: /home/ubuntu/env
  extra_python_packages:
    - numpy
    - torch==2.9
spot_fleet:
  iam_fleet_role: arn:aws:iam::123456789012:role/fleet
persistent_volumes:
  # The volume lives in the zone above.
  - volume_id: vol-1
    device: /dev/xvdf
    mount_point: /home/ubuntu/workspace
channels:
  - direction: out
    local_path: src/
    remote_path: /home/ubuntu/workspace/src
    recursive: true
    delay: 0.5
  - direction: in
    local_path: results
    remote_path: /home/ubuntu/workspace/results/
`;

/** The same in JSON. */
export const everyField = `{
  "spot_instance": {
    "instance_type": "p2.xlarge",
    "image_id": "ami-1",
    "key_pair_name": "my key",
    "identity_file": "~/.ssh/key.pem",
    "security_group_id": "sg-1",
    "availability_zone": "us-east-1a",
    "subnet_id": "subnet-1",
    "ebs_optimized": true,
    "remote_group": "ubuntu",
    "remote_user": "ubuntu",
    "python_virtual_env": "/home/ubuntu/env",
    "extra_python_packages": ["numpy", "torch==2.9"]
  },
  "spot_fleet": { "iam_fleet_role": "arn:aws:iam::123456789012:role/fleet" },
  "persistent_volumes": [
    { "volume_id": "vol-1", "device": "/dev/xvdf", "mount_point": "/home/ubuntu/workspace" }
  ],
  "channels": [
    {
      "direction": "out",
      "local_path": "src/",
      "remote_path": "/home/ubuntu/workspace/src",
      "recursive": true,
      "delay": 0.5
    },
    { "direction": "in", "local_path": "results", "remote_path": "/home/ubuntu/workspace/results/" }
  ]
}
`;
