// What kind of thing the text of an identity file is, before any use of it.
import { createPrivateKey } from 'node:crypto';
import { keyText } from './public-key.ts';
import { parseKey } from './ssh2.ts';

export type PrivateKeyFile =
  /** Usable as it is; `privateKey` in a form that ssh2 reads. */
  | { readonly is: 'plain'; readonly privateKey: string; readonly publicKey: string }
  /** Needs a passphrase; the public half is there if the file tells it. */
  | { readonly is: 'encrypted'; readonly publicKey: string | undefined }
  | { readonly is: 'public' }
  | { readonly is: 'putty' }
  | { readonly is: 'other' };

/** Sorts the text of an identity file. */
export function sortPrivateKeyFile(text: string): PrivateKeyFile {
  const trimmed = text.trim();
  if (trimmed.startsWith('PuTTY-User-Key-File-')) return { is: 'putty' };
  if (/^(ssh-|ecdsa-|sk-)\S+ AAAA/.test(trimmed) || trimmed.startsWith('---- BEGIN SSH2 PUBLIC KEY')) {
    return { is: 'public' };
  }
  const format = /^-----BEGIN ([A-Z0-9 ]+)-----/.exec(trimmed)?.[1] ?? '';
  if (format.endsWith('PUBLIC KEY')) return { is: 'public' };
  if (format === 'OPENSSH PRIVATE KEY') {
    const header = openSshHeader(trimmed);
    if (header?.encrypted === true) return { is: 'encrypted', publicKey: header.publicKey };
  }
  if (format === 'ENCRYPTED PRIVATE KEY' || /^Proc-Type: 4,ENCRYPTED/m.test(trimmed)) {
    return { is: 'encrypted', publicKey: undefined };
  }
  try {
    const privateKey = format === 'PRIVATE KEY' ? traditionalForm(trimmed) : trimmed;
    const key = parseKey(privateKey);
    if (!key.isPrivateKey()) return { is: 'other' };
    return { is: 'plain', privateKey, publicKey: keyText(key.getPublicSSH()) };
  } catch {
    return { is: 'other' };
  }
}

/** A PKCS#8 key in the older form of its type, which is the one that ssh2 reads. */
function traditionalForm(text: string): string {
  const key = createPrivateKey(text);
  const type = key.asymmetricKeyType === 'rsa' ? 'pkcs1' : 'sec1';
  return key.export({ format: 'pem', type }).toString();
}

/** The clear part of OpenSSH's own format: whether the rest is encrypted, and the public key. */
function openSshHeader(text: string): { encrypted: boolean; publicKey: string } | undefined {
  const bytes = Buffer.from(text.replace(/-----[^-]+-----/g, ''), 'base64');
  const magic = 'openssh-key-v1\0';
  if (bytes.toString('latin1', 0, magic.length) !== magic) return undefined;
  let position = magic.length;
  const next = (): Buffer => {
    const length = bytes.readUInt32BE(position);
    position += 4 + length;
    return bytes.subarray(position - length, position);
  };
  try {
    const cipher = next().toString('latin1');
    next(); // key derivation function
    next(); // its options
    position += 4; // number of keys
    return { encrypted: cipher !== 'none', publicKey: keyText(next()) };
  } catch {
    return undefined;
  }
}
