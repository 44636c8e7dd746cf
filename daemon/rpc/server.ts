// The daemon's door: accepts clients on the Unix socket, serves each, and ends them all when it is closed.
import { createServer } from 'node:net';
import { takePassedSocket } from './activation.ts';
import { type ConnectionLimits, defaultLimits, serveConnection } from './connection.ts';
import { createMethods, type EventFeed, type PortalService } from './handlers.ts';
import type { Log } from './log.ts';
import { createParameterCheck } from './parameters.ts';
import { listenAt, listenOn } from './socket.ts';
import type { VolumeService } from './volume-service.ts';

export interface RpcServerOptions {
  /** Where to listen, unless a socket was passed by socket activation. */
  readonly socketPath: string;
  readonly service: PortalService;
  readonly volumes: VolumeService;
  readonly feed: EventFeed;
  readonly log: Log;
  /** The daemon's own version. */
  readonly version: string;
  /** Makes the ids under which unexpected errors are logged. */
  readonly newId: () => string;
  /** Where LISTEN_PID and LISTEN_FDS are looked for and removed from; `process.env` by default. */
  readonly environment?: NodeJS.ProcessEnv;
  readonly limits?: ConnectionLimits;
}

export interface RpcServer {
  readonly path: string;
  /** Stops accepting, ends every connection, removes the socket file if it is still this server's. Idempotent. */
  close(): Promise<void>;
}

/** Starts to serve. Throws PortalError `socket-path`, `state-folder` or `daemon-running`. */
export async function startRpcServer(options: RpcServerOptions): Promise<RpcServer> {
  const { socketPath, service, volumes, feed, log, version, newId, limits = defaultLimits } = options;
  const check = createParameterCheck();
  const endings = new Set<() => void>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
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

  const passed = takePassedSocket(options.environment ?? process.env, process.pid);
  const release = passed === undefined ? await listenAt(server, socketPath) : await listenOn(server, passed);
  server.on('error', acceptFailed);
  log.info({ path: socketPath, passed: passed !== undefined }, 'listening');

  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const stopped = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    release();
    for (const end of endings) end();
    await stopped;
  };
  return {
    path: socketPath,
    close() {
      closed ??= close();
      return closed;
    },
  };
}
