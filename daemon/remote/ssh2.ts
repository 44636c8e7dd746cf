// The only file that imports ssh2: what this room uses of it, with errors as thrown ones.
import { createRequire } from 'node:module';
import type {
  AnyAuthMethod,
  BaseAgent,
  Client,
  ClientChannel,
  ConnectConfig,
  ParsedKey,
  ServerHostKeyAlgorithm,
  default as Ssh2,
} from 'ssh2';

export type { AnyAuthMethod, Client, ClientChannel, ConnectConfig, ParsedKey, ServerHostKeyAlgorithm };

/** The library, loaded when a portal first needs it: that takes longer than all else of a start. */
function ssh2(): typeof Ssh2 {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its own types
  return createRequire(import.meta.url)('ssh2') as typeof Ssh2;
}

/** A client that is not connected yet. */
export function newClient(): Client {
  const library = ssh2();
  return new library.Client();
}

/** The key in `text` (private, or public in OpenSSH form). Throws if there is none that can be read. */
export function parseKey(text: string): ParsedKey {
  // Files in OpenSSH's format may hold several keys, so the library answers with a list.
  const parsed = ssh2().utils.parseKey(text) as ParsedKey | ParsedKey[] | Error;
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key === undefined) throw new Error('no key found');
  if (key instanceof Error) throw key;
  return key;
}

/** A new ed25519 key pair in OpenSSH's formats. */
export function generateEd25519(): { privateKey: string; publicKey: string } {
  // The library drops leading zero bytes of the public half: about one pair in 256 is of no use.
  for (;;) {
    const pair = ssh2().utils.generateKeyPairSync('ed25519');
    if (isSound(pair.private, pair.public)) {
      return { privateKey: pair.private, publicKey: pair.public.trim() };
    }
  }
}

function isSound(privateText: string, publicText: string): boolean {
  try {
    const privateKey = parseKey(privateText);
    const publicKey = parseKey(publicText);
    const message = Buffer.from('portald');
    return (
      publicKey.getPublicSSH().length === 51 &&
      privateKey.getPublicSSH().equals(publicKey.getPublicSSH()) &&
      publicKey.verify(message, privateKey.sign(message))
    );
  } catch {
    return false;
  }
}

/** The agent at `socketPath`, showing only the key with this wire form: servers count the keys that are tried. */
export function agentWithKey(socketPath: string, wanted: Buffer): BaseAgent {
  const agent = ssh2().createAgent(socketPath);
  const everyKey = agent.getIdentities.bind(agent);
  agent.getIdentities = (callback) => {
    everyKey((error, keys) =>
      callback(
        error,
        keys?.filter((key) => wireForm(key).equals(wanted)),
      ),
    );
  };
  return agent;
}

/** Whether the agent at `socketPath` holds the key with this wire form; false if it does not answer in time. */
export function agentHolds(socketPath: string, wanted: Buffer, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), timeoutMs);
    agentWithKey(socketPath, wanted).getIdentities((error, keys) => {
      clearTimeout(timer);
      resolve(error === undefined || error === null ? (keys ?? []).length > 0 : false);
    });
  });
}

function wireForm(key: unknown): Buffer {
  if (Buffer.isBuffer(key)) return key;
  const hasIt = typeof key === 'object' && key !== null && 'getPublicSSH' in key;
  return hasIt ? (key as ParsedKey).getPublicSSH() : Buffer.alloc(0);
}
