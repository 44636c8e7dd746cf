// SSH public keys as text (`ssh-ed25519 AAAA… comment`): only type and key count, never the comment.
import { createHash } from 'node:crypto';

/** The key in its wire form; empty if `text` is no public key. */
export function keyBytes(text: string): Buffer {
  const [type = '', base64 = ''] = text.trim().split(/\s+/);
  const bytes = Buffer.from(base64, 'base64');
  return typeOfBytes(bytes) === type ? bytes : Buffer.alloc(0);
}

/** A key's wire form as text, without a comment. */
export function keyText(bytes: Buffer): string {
  return `${typeOfBytes(bytes)} ${bytes.toString('base64')}`;
}

/** The key's type as its wire form names it, for example `ssh-ed25519`; empty if it names none. */
export function typeOfBytes(bytes: Buffer): string {
  if (bytes.length < 4) return '';
  const length = bytes.readUInt32BE(0);
  return length <= 64 && 4 + length <= bytes.length ? bytes.toString('latin1', 4, 4 + length) : '';
}

/** Whether two public keys (for example AWS's and that of a file) are the same key, whatever their comments. */
export function isSamePublicKey(one: string, other: string): boolean {
  const bytes = keyBytes(one);
  return bytes.length > 0 && bytes.equals(keyBytes(other));
}

/** The fingerprint as OpenSSH shows it: `SHA256:…`. */
export function fingerprint(bytes: Buffer): string {
  return `SHA256:${createHash('sha256').update(bytes).digest('base64').replace(/=+$/, '')}`;
}
