// One SSH connection: the host key verified before anything else, then the login. It owns its socket; whoever
// opened it ends it.
import { connect } from 'node:net';
import { PortalError } from '../../protocol/errors.ts';
import { visibleText } from '../../protocol/visible-text.ts';
import type { RemoteTarget } from '../portal/gateways.ts';
import { connectionError, reachHint } from './connection-error.ts';
import type { Identity } from './identity.ts';
import { hostKeyAlgorithms, isPinned, pinnedFingerprints } from './pinned-host-keys.ts';
import { fingerprint, keyBytes, keyText } from './public-key.ts';
import { type AnyAuthMethod, agentWithKey, type Client, newClient } from './ssh2.ts';
import { watchWaitingBytes } from './waiting-bytes.ts';

export interface Connection {
  readonly client: Client;
  /** The host key that was verified, or met first. */
  readonly hostKey: string;
  /** Resolves with the reason once the connection is gone, whoever ended it. */
  readonly closed: Promise<string>;
  /** Cuts the connection at once. */
  end(): void;
}

export interface ConnectionLimits {
  /** From the first packet sent to the login. */
  readonly timeoutMs: number;
  readonly keepAliveIntervalMs: number;
  readonly keepAliveMisses: number;
}

export const defaultLimits: ConnectionLimits = {
  timeoutMs: 10_000,
  keepAliveIntervalMs: 5000,
  keepAliveMisses: 3,
};

/**
 * Connects to `target` and logs in. `hostKeys` are the accepted ones; if there are none, the first one shown is
 * accepted (the caller has made sure that this is wanted).
 * @throws {PortalError} of kind `host-key` or `ssh`
 */
export function openConnection(
  target: RemoteTarget,
  hostKeys: readonly string[],
  identity: Identity,
  signal: AbortSignal,
  limits: ConnectionLimits = defaultLimits,
): Promise<Connection> {
  const client = newClient();
  const socket = connect({ host: target.address, port: target.port, noDelay: true });
  let shownKey: Buffer | undefined;
  let banner = '';
  let refusal: PortalError | undefined;
  let lastError = 'the connection was closed';
  let gone: (reason: string) => void = () => {};
  const closed = new Promise<string>((resolve) => {
    gone = resolve;
  });

  return new Promise((resolve, reject) => {
    const cut = (): void => void socket.destroy();
    const timer = setTimeout(() => {
      refusal ??= new PortalError(
        'ssh',
        `${describe(target)} does not answer within ${limits.timeoutMs / 1000} s`,
        { hint: reachHint },
      );
      cut();
      gone('timeout');
    }, limits.timeoutMs);
    signal.addEventListener('abort', cut, { once: true });
    client.on('banner', (text) => {
      banner = text;
    });
    client.on('error', (error) => {
      lastError = error.message;
      refusal ??= connectionError(target, error, banner);
    });
    client.once('close', () => gone(lastError));
    client.once('ready', () => {
      clearTimeout(timer);
      const hostKey = keyText(shownKey ?? Buffer.alloc(0));
      resolve({ client, hostKey, closed, end: cut });
    });
    void closed.then(() => {
      clearTimeout(timer);
      signal.removeEventListener('abort', cut);
      cut();
      reject(refusal ?? connectionError(target, new Error(lastError), banner));
    });
    if (signal.aborted) gone('aborted');
    watchWaitingBytes(client, socket, () => {
      lastError = 'the server there asks more and more, and reads no answer';
      refusal ??= new PortalError('ssh', `${describe(target)}: ${lastError}`, {
        hint: 'no usual sshd does that: look at what runs on the instance',
      });
      cut();
    });
    client.connect({
      sock: socket,
      username: target.user,
      algorithms: { serverHostKey: hostKeyAlgorithms(hostKeys) },
      hostVerifier: (key: Buffer) => {
        const accepted = shownKey === undefined ? hostKeys : [keyText(shownKey)];
        if (accepted.length > 0 && !isPinned(accepted, key)) {
          refusal = wrongHostKey(target, accepted, key);
          return false;
        }
        shownKey = key;
        return true;
      },
      authHandler: [authenticationBy(target.user, identity)],
      readyTimeout: 0, // ours also covers the time before the socket is connected
      keepaliveInterval: limits.keepAliveIntervalMs,
      keepaliveCountMax: limits.keepAliveMisses,
    });
  });
}

function authenticationBy(username: string, identity: Identity): AnyAuthMethod {
  return identity.privateKey === undefined
    ? {
        type: 'agent',
        username,
        agent: agentWithKey(identity.agentSocket ?? '', keyBytes(identity.publicKey)),
      }
    : { type: 'publickey', username, key: identity.privateKey };
}

function wrongHostKey(target: RemoteTarget, accepted: readonly string[], shown: Buffer): PortalError {
  return new PortalError(
    'host-key',
    `${describe(target)} shows the host key ${fingerprint(shown)}, not ${pinnedFingerprints(accepted)}`,
    { hint: 'another machine may have this address now; portald goes on trying and never accepts that key' },
  );
}

/** The instance and its address in words. */
export function describe(target: RemoteTarget): string {
  return `${target.instanceId} at ${visibleText(target.address)} port ${target.port}`;
}
