// The sending side of one connection: whole messages, a measure of what waits unsent, and an orderly end.
import type { Socket } from 'node:net';

export interface Peer {
  /** Sends one message; dropped once the connection ends. */
  send(message: object): void;
  /** Bytes that the client has not taken yet, beyond the system's own buffers. */
  unsentBytes(): number;
  /** Sends a last message, if any, and closes; a client that does not take it is cut after `graceMs`. */
  end(lastMessage?: object): void;
}

/** Makes the sending side; the timer it may start ends with the socket. */
export function createPeer(socket: Socket, graceMs: number): Peer {
  let ended = false;
  const send = (message: object): void => {
    if (!ended && socket.writable) socket.write(`${JSON.stringify(message)}\n`);
  };
  return {
    send,
    unsentBytes: () => socket.writableLength,
    end(lastMessage) {
      if (ended || socket.destroyed) return;
      if (lastMessage !== undefined) send(lastMessage);
      ended = true;
      const cut = setTimeout(() => socket.destroy(), graceMs);
      socket.once('close', () => clearTimeout(cut));
      socket.end();
      // What the client still sends is thrown away: with unread input the system would reset the connection, and
      // the client might never see the last message.
      socket.resume();
    },
  };
}
