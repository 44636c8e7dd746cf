// Host keys that cloud-init printed on the console. The console is a terminal: lines may carry a prefix and CRLF, and
// the kernel's own lines come in between.
import { keyBytes } from './public-key.ts';

const begin = '-----BEGIN SSH HOST KEY KEYS-----';
const end = '-----END SSH HOST KEY KEYS-----';
const publicKey = /\b(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)) (AAAA[A-Za-z0-9+/]+={0,2})/;

/** Public keys (`type base64`) of the last complete block in `text`; empty while there is none. */
export function hostKeysOfConsole(text: string): string[] {
  const ended = text.lastIndexOf(end);
  const began = ended === -1 ? -1 : text.lastIndexOf(begin, ended);
  if (began === -1) return [];
  const keys = text
    .slice(began + begin.length, ended)
    .split(/\r\n|\r|\n/)
    .map((line) => publicKey.exec(line))
    .filter((match) => match !== null)
    .map((match) => `${match[1]} ${match[2]}`)
    .filter((key) => keyBytes(key).length > 0);
  return [...new Set(keys)];
}
