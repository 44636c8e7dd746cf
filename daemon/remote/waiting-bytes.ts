// Bounds what waits to be sent over an SSH connection. A server that asks and never reads the answers (global requests, opens
// of channels) would have them fill the memory of this process, which all portals share.
import type { Socket } from 'node:net';
import type { Client } from './ssh2.ts';

/** portald itself sends scripts of some kilobytes. */
const mostBytes = 1024 * 1024;
/** Answers that ssh2 queues during a key re-exchange (its protocol/utils.js, sendPacket). */
const mostPackets = 10_000;

/** Calls `exceeded` when more waits than that. To be called before `client` reads from `socket`. */
export function watchWaitingBytes(client: Client, socket: Socket, exceeded: () => void): void {
  // Only what the server sends makes the client answer.
  socket.on('data', () => {
    const { _protocol: { _queue: queue } = {} } = client as { _protocol?: { _queue?: unknown[] } };
    if (socket.writableLength > mostBytes || (queue?.length ?? 0) > mostPackets) exceeded();
  });
}
