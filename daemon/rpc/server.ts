// Accepts clients at the daemon's door, serves each, and ends them all when it is closed.
import type { Socket } from 'node:net';
import { type ConnectionLimits, defaultLimits, serveConnection } from './connection.ts';
import type { Door } from './door.ts';
import { createMethods, type EventFeed, type PortalService } from './handlers.ts';
import type { Log } from './log.ts';
import { createParameterCheck } from './parameters.ts';
import type { VolumeService } from './volume-service.ts';

export interface RpcServerOptions {
  /** Is closed with the server. */
  readonly door: Door;
  readonly service: PortalService;
  readonly volumes: VolumeService;
  readonly feed: EventFeed;
  readonly log: Log;
  /** The daemon's own version. */
  readonly version: string;
  /** Makes the ids under which unexpected errors are logged. */
  readonly newId: () => string;
  readonly limits?: ConnectionLimits;
}

export interface RpcServer {
  readonly path: string;
  /** Stops accepting, ends every connection, removes the socket file if it is still this server's. Idempotent. */
  close(): Promise<void>;
}

/** Starts to serve. To be called in the same turn of the event loop in which the door was opened: it waits for no client. */
export function startRpcServer(options: RpcServerOptions): RpcServer {
  const { door, service, volumes, feed, log, version, newId, limits = defaultLimits } = options;
  const check = createParameterCheck();
  const endings = new Set<() => void>();
  door.server.on('connection', (socket: Socket) => {
    const end = serveConnection({
      socket,
      feed,
      log,
      newId,
      limits,
      methods: (subscribe) => createMethods({ service, volumes, check, subscribe, version, log }),
    });
    endings.add(end);
    socket.once('close', () => endings.delete(end));
  });
  // Accepting can fail while the process has no descriptor left; the server itself lives on.
  const acceptFailed = (error: Error): void => log.error({ error: error.message }, 'cannot accept a client');
  door.server.on('error', acceptFailed);
  log.info({ path: door.path, passed: door.isPassed }, 'listening');

  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const closing = door.close();
    for (const end of endings) end();
    await closing;
  };
  return {
    path: door.path,
    close() {
      closed ??= close();
      return closed;
    },
  };
}
