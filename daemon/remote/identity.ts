// The user's private key: read, checked, and with a passphrase left to the user's SSH agent. Every way in which it
// can be of no use has its own sentence.
import { PortalError } from '../../protocol/errors.ts';
import { readRegularFile } from '../../protocol/regular-file.ts';
import { visibleText } from '../../protocol/visible-text.ts';
import { sortPrivateKeyFile } from './private-key-file.ts';
import { keyBytes, keyText } from './public-key.ts';
import { agentHolds } from './ssh2.ts';

export interface Identity {
  /** Absolute path of the private key file. */
  readonly path: string;
  /** `ssh-rsa AAAA…`, without a comment. */
  readonly publicKey: string;
  /** The key itself; absent if the agent has to sign. */
  readonly privateKey?: string;
  /** Socket of the agent that holds the key; absent if the file does without. */
  readonly agentSocket?: string;
}

const agentTimeoutMs = 5000;
const largestKeyFileBytes = 64 * 1024;

/**
 * Reads the identity file at `path`. `environment` tells where the SSH agent is.
 * @throws {PortalError} of kind `identity-file`
 */
export async function readIdentity(path: string, environment: NodeJS.ProcessEnv): Promise<Identity> {
  const shown = visibleText(path);
  const { text, isPrivate } = await readKeyFile(path, shown);
  const file = sortPrivateKeyFile(text);
  // The public half may be read by everybody: that is not what is wrong with it.
  if (!isPrivate && file.is !== 'public') {
    throw difficulty(`identity file ${shown} can be read by others`, `chmod 600 ${shown}`);
  }
  switch (file.is) {
    case 'plain':
      return { path, publicKey: file.publicKey, privateKey: file.privateKey };
    case 'public':
      throw difficulty(
        `identity file ${shown} is a public key`,
        shown.endsWith('.pub')
          ? `name the private key that belongs to it: ${shown.slice(0, -'.pub'.length)}`
          : 'name the private key that belongs to it',
      );
    case 'putty':
      throw difficulty(
        `identity file ${shown} is in PuTTY's format`,
        `convert it: puttygen ${shown} -O private-openssh -o NEW`,
      );
    case 'other':
      throw difficulty(
        `identity file ${shown} is not a private key that SSH reads`,
        'name the private key file of the key pair (RSA, ed25519 or ECDSA)',
      );
    case 'encrypted':
      return fromAgent(path, shown, file.publicKey ?? (await publicKeyBeside(path)), environment);
  }
}

async function readKeyFile(path: string, shown: string): Promise<{ text: string; isPrivate: boolean }> {
  try {
    const { bytes, facts } = await readRegularFile(path, largestKeyFileBytes);
    return { text: bytes.toString(), isPrivate: (facts.mode & 0o077) === 0 };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EISDIR')
      throw difficulty(`identity file ${shown} is a folder`, 'name the private key file in it');
    if (code === 'ENOTREG')
      throw difficulty(`identity file ${shown} is not a regular file`, 'name a private key');
    if (code === 'EFBIG')
      throw difficulty(`identity file ${shown} is too large for a private key`, 'name a private key file');
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw difficulty(`identity file ${shown} does not exist`, 'check spot_instance.identity_file');
    }
    throw difficulty(`identity file ${shown} cannot be read (${String(code)})`, `chmod 600 ${shown}`);
  }
}

async function publicKeyBeside(path: string): Promise<string | undefined> {
  try {
    const { bytes } = await readRegularFile(`${path}.pub`, largestKeyFileBytes);
    return bytes.toString();
  } catch {
    return undefined;
  }
}

async function fromAgent(
  path: string,
  shown: string,
  publicKey: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<Identity> {
  const wanted = keyBytes(publicKey ?? '');
  const agentSocket = environment['SSH_AUTH_SOCK'];
  const isHeld =
    agentSocket !== undefined &&
    agentSocket !== '' &&
    wanted.length > 0 &&
    (await agentHolds(agentSocket, wanted, agentTimeoutMs));
  if (!isHeld) {
    throw difficulty(
      `identity file ${shown} has a passphrase, and the SSH agent does not hold it`,
      `ssh-add ${shown} (the agent that portald sees is SSH_AUTH_SOCK=${agentSocket ?? ''})`,
    );
  }
  return { path, publicKey: keyText(wanted), agentSocket };
}

function difficulty(message: string, hint: string): PortalError {
  return new PortalError('identity-file', message, { hint });
}
