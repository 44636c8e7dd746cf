// The host keys that an instance may show, and how each SSH implementation is told to insist on them.
import type { RemoteTarget } from '../portal/gateways.ts';
import { fingerprint, keyBytes, typeOfBytes } from './public-key.ts';
import type { ServerHostKeyAlgorithm } from './ssh2.ts';

const algorithmsByType: ReadonlyMap<string, readonly ServerHostKeyAlgorithm[]> = new Map([
  ['ssh-ed25519', ['ssh-ed25519']],
  ['ecdsa-sha2-nistp256', ['ecdsa-sha2-nistp256']],
  ['ecdsa-sha2-nistp384', ['ecdsa-sha2-nistp384']],
  ['ecdsa-sha2-nistp521', ['ecdsa-sha2-nistp521']],
  // The key's type is the old name; the signatures with SHA-1 that went by it are not taken any more.
  ['ssh-rsa', ['rsa-sha2-512', 'rsa-sha2-256']],
] satisfies [string, ServerHostKeyAlgorithm[]][]);

/**
 * Signature algorithms to offer, so that a server with several host keys shows a pinned one. Every algorithm if
 * nothing is pinned yet.
 */
export function hostKeyAlgorithms(hostKeys: readonly string[]): ServerHostKeyAlgorithm[] {
  const types = new Set(hostKeys.map((key) => typeOfBytes(keyBytes(key))));
  const pinned = [...algorithmsByType].filter(([type]) => types.has(type));
  const chosen = pinned.length > 0 ? pinned : [...algorithmsByType];
  return chosen.flatMap(([, algorithms]) => [...algorithms]);
}

/** Whether the key that was shown (wire form) is one of the pinned ones. */
export function isPinned(hostKeys: readonly string[], shown: Buffer): boolean {
  return shown.length > 0 && hostKeys.some((key) => keyBytes(key).equals(shown));
}

/** The pins as OpenSSH's known_hosts has them: under the instance's id for us, and under its address for its user. */
export function knownHosts(
  { instanceId, address, port }: Pick<RemoteTarget, 'instanceId' | 'address' | 'port'>,
  hostKeys: readonly string[],
): string {
  const names = `${instanceId},${port === 22 ? address : `[${address}]:${port}`}`;
  return hostKeys.map((key) => `${names} ${key.trim().split(/\s+/).slice(0, 2).join(' ')}\n`).join('');
}

/** The pins' fingerprints for people. */
export function pinnedFingerprints(hostKeys: readonly string[]): string {
  return hostKeys.map((key) => fingerprint(keyBytes(key))).join(' or ');
}
