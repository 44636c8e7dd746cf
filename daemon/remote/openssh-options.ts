// The options by which OpenSSH reaches an instance on our terms only: our pins, one identity, nothing of the user's
// configuration, no questions.
import type { RemoteTarget, SshTransport } from '../portal/gateways.ts';
import type { Identity } from './identity.ts';
import { hostKeyAlgorithms } from './pinned-host-keys.ts';

/**
 * OpenSSH's own, those first for which processors have instructions: a large file takes a fifth less time than by
 * ChaCha20, which is OpenSSH's first. All are named, since a list that only says which goes first is refused before 8.1.
 */
const ciphers = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
];

export interface OpenSshSettings {
  readonly target: RemoteTarget;
  readonly hostKeys: readonly string[];
  readonly identity: Identity;
  readonly controlPath: string;
  readonly knownHostsFile: string;
}

/** The ssh command (without destination) of a program that uses the shared connection. */
export function clientTransport(settings: OpenSshSettings): SshTransport {
  return {
    command: ['ssh', ...optionsFor(settings), '-o', 'ControlMaster=no'],
    destination: destinationOf(settings.target),
  };
}

/**
 * ssh's arguments for the process that holds the shared connection; the remote command is to follow. `isChoosing`: its
 * ciphers are ours to order.
 */
export function masterArguments(settings: OpenSshSettings, isChoosing: boolean): string[] {
  return [
    ...optionsFor(settings),
    ...(isChoosing ? ['-o', `Ciphers=${ciphers.join(',')}`] : []),
    '-o',
    'ControlMaster=yes',
    '-o',
    'ControlPersist=no',
    '--',
    destinationOf(settings.target),
  ];
}

function destinationOf(target: RemoteTarget): string {
  return `${target.user}@${target.instanceId}`;
}

function optionsFor({ target, hostKeys, identity, controlPath, knownHostsFile }: OpenSshSettings): string[] {
  const settings = [
    `HostName=${target.address}`,
    `Port=${target.port}`,
    // Should the shared connection vanish, a client that connects by itself verifies the same pins or fails.
    `HostKeyAlias=${target.instanceId}`,
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${pathValue(knownHostsFile)}`,
    'GlobalKnownHostsFile=none',
    `HostKeyAlgorithms=${hostKeyAlgorithms(hostKeys).join(',')}`,
    'CheckHostIP=no',
    'UpdateHostKeys=no',
    `IdentityFile=${pathValue(identity.path)}`,
    'IdentitiesOnly=yes',
    'CertificateFile=none',
    'PreferredAuthentications=publickey',
    `IdentityAgent=${identity.agentSocket === undefined ? 'none' : pathValue(identity.agentSocket)}`,
    'BatchMode=yes',
    'ForwardAgent=no',
    'ForwardX11=no',
    'ClearAllForwardings=yes',
    'EscapeChar=none',
    'Compression=no',
    'ConnectTimeout=10',
    'ServerAliveInterval=5',
    'ServerAliveCountMax=3',
    'LogLevel=ERROR',
    `ControlPath=${pathValue(controlPath)}`,
  ];
  return ['-F', 'none', '-T', ...settings.flatMap((setting) => ['-o', setting])];
}

/** A path as the value of a setting: quoted against spaces, `%` doubled because ssh expands it. */
function pathValue(path: string): string {
  return `"${path.replaceAll('%', '%%').replaceAll(/["\\]/g, '\\$&')}"`;
}
