// Where clients come to: the socket, which listens before anything is begun that only one daemon may do.
import { createServer, type Server } from 'node:net';
import { takePassedSocket } from './activation.ts';
import { listenAt, listenOn } from './socket.ts';

export interface Door {
  readonly path: string;
  /** Listens; nobody serves it yet. */
  readonly server: Server;
  /** By socket activation: its file belongs to whoever passed it. */
  readonly isPassed: boolean;
  /** Stops accepting, and removes the socket file if it is still this one's; resolves when the last client is gone. */
  close(): Promise<void>;
}

/**
 * Listens at `path`, or on the socket that was passed: LISTEN_PID and LISTEN_FDS are removed from `environment`. Throws
 * PortalError `socket-path`, `state-folder` or `daemon-running`.
 */
export async function openDoor(path: string, environment: NodeJS.ProcessEnv): Promise<Door> {
  const server = createServer({ allowHalfOpen: true });
  const passed = takePassedSocket(environment, process.pid);
  const release = passed === undefined ? await listenAt(server, path) : await listenOn(server, passed);
  return {
    path,
    server,
    isPassed: passed !== undefined,
    async close() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      release();
      await closed;
    },
  };
}
