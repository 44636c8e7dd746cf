// Whether one will be able to log in: the key pair is that of the identity file, and the security group lets SSH in.
import type { SecurityGroup } from './client-ec2.ts';
import type { Check, Finding } from './finding.ts';

const keyPairPath = ['spot_instance', 'key_pair_name'] as const;
const groupPath = ['spot_instance', 'security_group_id'] as const;

export const checkKeyPair: Check = {
  about: ({ spot_instance: wanted }) => `key pair ${wanted.key_pair_name}`,
  path: keyPairPath,
  isEssential: true,
  async run({ specification: { spot_instance: wanted }, publicKey, ec2, options }) {
    const { key_pair_name: name, identity_file: file } = wanted;
    const answer = await ec2.describeKeyPairs({ KeyNames: [name], IncludePublicKey: true }, options);
    const offered = answer.KeyPairs?.[0]?.PublicKey;
    if (offered === undefined)
      return [
        {
          level: 'fine',
          path: keyPairPath,
          kind: 'key-pair',
          message: `${name} is there; EC2 does not tell whether ${file} is its private key`,
        },
      ];
    if (keyBlob(offered) === keyBlob(publicKey))
      return [{ level: 'fine', path: keyPairPath, kind: 'key-pair', message: `${name} belongs to ${file}` }];
    return [
      {
        level: 'refusal',
        path: keyPairPath,
        kind: 'key-pair',
        message: `identity file ${file} does not belong to key pair ${name}`,
        hint: 'name the private key of that key pair in identity_file, or the right key_pair_name',
      },
    ];
  },
};

/** Type and base64 body of an OpenSSH public key, without its comment. */
function keyBlob(key: string): string {
  return key.trim().split(/\s+/).slice(0, 2).join(' ');
}

/** `ownAddress` finds out this machine's address as the internet sees it; undefined if it cannot. */
export function checkSecurityGroup(ownAddress: (signal: AbortSignal) => Promise<string | undefined>): Check {
  return {
    about: ({ spot_instance: wanted }) => `security group ${wanted.security_group_id}`,
    path: groupPath,
    isEssential: true,
    async run({ specification: { spot_instance: wanted }, ec2, options }) {
      const { security_group_id: id, ssh_port: port = 22 } = wanted;
      const answer = await ec2.describeSecurityGroups({ GroupIds: [id] }, options);
      const rules = answer.SecurityGroups?.[0]?.IpPermissions;
      if (rules === undefined) return [];
      const sources = sourcesOf(rules, port);
      const needsAddress = !sources.isOpen && sources.ranges.length > 0;
      const address = needsAddress ? await ownAddress(options.abortSignal) : undefined;
      return [judgeGroup(id, port, sources, address)];
    },
  };
}

interface Sources {
  /** Everybody may come. */
  readonly isOpen: boolean;
  /** IPv4 ranges, `203.0.113.0/24`. */
  readonly ranges: readonly string[];
  /** Groups and prefix lists: of them nothing more can be told. */
  readonly others: number;
}

/** From where the rules let TCP in on `port`. */
export function sourcesOf(rules: NonNullable<SecurityGroup['IpPermissions']>, port: number): Sources {
  const fitting = rules.filter(
    ({ IpProtocol: protocol, FromPort: from, ToPort: to }) =>
      protocol === '-1' ||
      (/^(tcp|6)$/.test(protocol ?? '') && (from ?? 0) <= port && port <= (to ?? 65_535)),
  );
  const ranges = fitting.flatMap((rule) => (rule.IpRanges ?? []).map((one) => one.CidrIp ?? ''));
  const others = fitting.flatMap((rule) => [
    ...(rule.UserIdGroupPairs ?? []),
    ...(rule.PrefixListIds ?? []),
    ...(rule.Ipv6Ranges ?? []),
  ]);
  return { isOpen: ranges.some((range) => range.endsWith('/0')), ranges, others: others.length };
}

/** What these sources mean for a machine at `address`. */
export function judgeGroup(id: string, port: number, sources: Sources, address: string | undefined): Finding {
  const about = { path: groupPath, kind: 'configuration' as const };
  const hint = `allow TCP port ${port} inbound from ${address === undefined ? 'your address' : `${address}/32`} in ${id}`;
  if (sources.isOpen)
    return { ...about, level: 'fine', message: `${id} lets everybody in on port ${port}, you too` };
  if (sources.ranges.length === 0 && sources.others === 0)
    return { ...about, level: 'problem', message: `${id} lets nobody in on port ${port}`, hint };
  const list = sources.ranges.join(', ');
  if (address !== undefined && sources.ranges.some((range) => contains(range, address)))
    return { ...about, level: 'fine', message: `${id} lets ${address} (you) in on port ${port}` };
  if (address === undefined || sources.others > 0) {
    const from = [...sources.ranges, ...(sources.others > 0 ? ['groups or lists'] : [])].join(', ');
    const message = `${id} lets only ${from} in on port ${port}; whether you are among them could not be found out`;
    return { ...about, level: 'warning', message };
  }
  return {
    ...about,
    level: 'problem',
    message: `${id} lets only ${list} in on port ${port}, and you are ${address}`,
    hint,
  };
}

function contains(range: string, address: string): boolean {
  const [network = '', bits = '32'] = range.split('/');
  const size = 2 ** (32 - Number(bits));
  return Math.floor(numberOf(network) / size) === Math.floor(numberOf(address) / size);
}

function numberOf(address: string): number {
  return address.split('.').reduce((number, part) => number * 256 + Number(part), 0);
}
