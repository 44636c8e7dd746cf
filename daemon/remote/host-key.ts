// A host key of ours for a new instance, and the user data by which cloud-init puts it in place: the only source of
// a host key that is there at first contact.
import { generateEd25519 } from './ssh2.ts';

export interface HostKey {
  /** OpenSSH PEM. */
  readonly privateKey: string;
  /** `ssh-ed25519 AAAA…`. */
  readonly publicKey: string;
}

/** A fresh ed25519 host key; each generation gets its own. */
export function generateHostKey(): HostKey {
  return generateEd25519();
}

/** cloud-config that makes `hostKey` the instance's only host key. Plain text; EC2 wants it in base64. */
export function seedingUserData(hostKey: HostKey): string {
  const config = {
    ssh_deletekeys: true,
    ssh_keys: { ed25519_private: hostKey.privateKey, ed25519_public: hostKey.publicKey },
  };
  // cloud-config is YAML, and JSON is YAML that has one way only to write a text of several lines.
  return `#cloud-config\n${JSON.stringify(config, undefined, 2)}\n`;
}
