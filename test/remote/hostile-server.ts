// SSH servers that do not do as they should, on ssh2's server side.
import { once } from 'node:events';
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import ssh2, { type Connection } from 'ssh2';
import type { RemoteTarget } from '../../daemon/portal/gateways.ts';

export interface HostileServer extends AsyncDisposable {
  readonly port: number;
  /** What clients tried, in order: `login`, `exec`, `forward`. */
  readonly attempts: string[];
  /** Connections so far. */
  connections(): number;
}

export interface HostileBehaviour {
  readonly hostKeys: readonly string[];
  readonly banner?: string;
  readonly refusesLogin?: boolean;
  /** Takes over connections to the metadata service; absent, the server forbids forwarding. */
  readonly metadata?: (channel: Duplex) => void;
  /** Does as it likes once somebody has logged in. */
  readonly ready?: (client: Connection) => void;
  readonly exec?: (command: string, channel: Duplex & { exit(code: number): void }) => void;
}

/** Starts a server of ssh2's on a free port, or at the given place. */
export async function startHostileServer(
  behaviour: HostileBehaviour,
  place = { host: '127.0.0.1', port: 0 },
): Promise<HostileServer> {
  const attempts: string[] = [];
  const { banner } = behaviour;
  const server = new ssh2.Server({
    hostKeys: [...behaviour.hostKeys],
    ...(banner !== undefined && { banner }),
  });
  const attend = (client: Connection): void => {
    client.on('error', () => {});
    client.on('ready', () => behaviour.ready?.(client));
    client.on('authentication', (context) => {
      attempts.push('login');
      if (behaviour.refusesLogin === true) context.reject(['publickey']);
      else context.accept();
    });
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec, reject, info) => {
        attempts.push('exec');
        if (behaviour.exec === undefined) reject();
        else behaviour.exec(info.command, acceptExec());
      });
    });
    client.on('tcpip', (accept, reject, info) => {
      attempts.push(`forward ${info.destIP}:${info.destPort}`);
      if (behaviour.metadata === undefined) reject();
      else behaviour.metadata(accept());
    });
  };
  server.on('connection', attend);
  return listening(attempts, (socket) => server.injectSocket(socket), place);
}

/** Starts a server that takes connections and never says a word. */
export function startBlackHole(): Promise<HostileServer> {
  return listening([], (socket) => socket.resume(), { host: '127.0.0.1', port: 0 });
}

async function listening(
  attempts: string[],
  attend: (socket: Socket) => void,
  place: { host: string; port: number },
): Promise<HostileServer> {
  const sockets = new Set<Socket>();
  let count = 0;
  const listener: NetServer = createServer((socket) => {
    count++;
    sockets.add(socket);
    socket.on('error', () => {});
    attend(socket);
  });
  listener.listen(place.port, place.host);
  await once(listener, 'listening');
  const address = listener.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    attempts,
    connections: () => count,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
}

export function targetOf(port: number, identityFile: string, hostKeys: readonly string[]): RemoteTarget {
  return {
    instanceId: 'i-0123456789abcdef0',
    address: '127.0.0.1',
    port,
    user: 'ubuntu',
    identityFile,
    hostKeys,
    acceptFirstHostKey: false,
  };
}
