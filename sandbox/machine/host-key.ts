// The instance's host key: the one that the user data's cloud-config brings, else one of its own; and the
// console output in which cloud-init prints it.
import { createHash } from 'node:crypto';
import ssh2, { type ParsedKey } from 'ssh2';
import { parse } from 'yaml';

/** `ssh-ed25519` and 32 bytes, each with its length before it. */
const ed25519BlobBytes = 51;

export type HostKey = { privateKey: string; publicLine: string; fingerprint: string };

/** The host key for an instance with this user data (plain text). Unreadable user data brings no key. */
export function hostKeyFor(userData: string, hostName: string): HostKey {
  const given = keyOfCloudConfig(userData);
  const privateKey = given ?? newPrivateKey();
  const parsed = ssh2.utils.parseKey(privateKey) as ParsedKey | ParsedKey[] | Error;
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key instanceof Error || key === undefined) return hostKeyFor('', hostName);
  const blob = key.getPublicSSH();
  return {
    privateKey,
    publicLine: `${key.type} ${blob.toString('base64')} root@${hostName}`,
    fingerprint: `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`,
  };
}

function newPrivateKey(): string {
  // The library drops leading zero bytes of the public half: about one pair in 256 is none that OpenSSH takes.
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519');
    const blob = Buffer.from(pair.public.split(' ')[1] ?? '', 'base64');
    if (blob.length === ed25519BlobBytes) return pair.private;
  }
}

function keyOfCloudConfig(userData: string): string | undefined {
  if (!userData.startsWith('#cloud-config')) return undefined;
  try {
    const config: unknown = parse(userData);
    if (typeof config !== 'object' || config === null || !('ssh_keys' in config)) return undefined;
    const keys = config.ssh_keys;
    if (typeof keys !== 'object' || keys === null || !('ed25519_private' in keys)) return undefined;
    return typeof keys.ed25519_private === 'string' ? keys.ed25519_private : undefined;
  } catch {
    return undefined;
  }
}

/** What the serial console shows after cloud-init has run, in cloud-init's format. */
export function consoleText(hostName: string, key: HostKey): string {
  const bits = '256';
  return [
    '[    0.000000] Linux version 6.8.0-sandbox',
    `[    4.210000] cloud-init[812]: Cloud-init v. 24.1 running 'modules:final'`,
    'ci-info: no authorized SSH keys fingerprints found for user root.',
    '<14>cloud-init: #############################################################',
    '<14>cloud-init: -----BEGIN SSH HOST KEY FINGERPRINTS-----',
    `<14>cloud-init: ${bits} ${key.fingerprint} root@${hostName} (ED25519)`,
    '<14>cloud-init: -----END SSH HOST KEY FINGERPRINTS-----',
    '<14>cloud-init: #############################################################',
    '-----BEGIN SSH HOST KEY KEYS-----',
    key.publicLine,
    '-----END SSH HOST KEY KEYS-----',
    `Ubuntu 24.04 LTS ${hostName} ttyS0`,
    '',
    `${hostName} login: `,
  ].join('\r\n');
}
