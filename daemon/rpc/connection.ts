// One client's connection from its first byte to its end: lines in, dispatched, answers out, with every queue bounded.
import type { Socket } from 'node:net';
import { createLineSplitter, maximumLineBytes } from '../../protocol/framing.ts';
import { createDispatcher, type Method } from './dispatcher.ts';
import type { EventFeed } from './handlers.ts';
import type { Log } from './log.ts';
import { createPeer } from './peer.ts';
import { createSubscription } from './subscription.ts';

/** How much one client may make the daemon hold. */
export interface ConnectionLimits {
  /** No more requests are read while this many messages are being handled. */
  readonly messagesUnderWay: number;
  /** No more requests are read while this much is unsent. */
  readonly unsentBytes: number;
  /** A subscriber with more than this unsent is cut. */
  readonly subscriberUnsentBytes: number;
  /** How long a client that is told to go may take to read why. */
  readonly endGraceMs: number;
}

export const defaultLimits: ConnectionLimits = {
  messagesUnderWay: 256,
  unsentBytes: 4 * 1024 * 1024,
  subscriberUnsentBytes: 1024 * 1024,
  endGraceMs: 1000,
};

export interface ConnectionOptions {
  /** Owned by the connection from now on; must be half-open capable, so that late answers can go out. */
  readonly socket: Socket;
  readonly feed: EventFeed;
  /** Makes the methods, given how this connection subscribes. */
  readonly methods: (subscribe: () => number) => Readonly<Record<string, Method>>;
  readonly log: Log;
  readonly newId: () => string;
  readonly limits: ConnectionLimits;
}

/** Serves one connection; the function returned ends it. */
export function serveConnection({
  socket,
  feed,
  methods,
  log,
  newId,
  limits,
}: ConnectionOptions): () => void {
  const peer = createPeer(socket, limits.endGraceMs);
  const subscription = createSubscription(feed, peer, limits.subscriberUnsentBytes);
  const splitter = createLineSplitter();
  const dispatcher = createDispatcher({
    methods: methods(() => subscription.start()),
    log,
    newId,
    notify(method, params) {
      // Progress is advice: rather lost than piled up for a client that does not read.
      if (peer.unsentBytes() < limits.unsentBytes) peer.send({ jsonrpc: '2.0', method, params });
    },
  });
  let waiting: string[] = [];
  let underWay = 0;
  let refused = false;
  let inputEnded = false;

  const end = (lastMessage?: object): void => {
    refused = true;
    waiting = [];
    subscription.stop();
    dispatcher.cancelAll();
    peer.end(lastMessage);
  };

  const handle = async (line: string): Promise<void> => {
    underWay++;
    try {
      const answer = await dispatcher.receive(line);
      if (answer !== undefined) peer.send(answer);
    } catch (error) {
      log.error({ error: String(error) }, 'a connection failed');
      socket.destroy();
    }
    underWay--;
    pump();
  };

  const pump = (): void => {
    while (
      waiting.length > 0 &&
      underWay < limits.messagesUnderWay &&
      peer.unsentBytes() < limits.unsentBytes
    ) {
      void handle(waiting.shift() ?? '');
    }
    if (refused) return;
    if (waiting.length > 0) socket.pause();
    else if (inputEnded && underWay === 0) peer.end();
    else socket.resume();
  };

  socket.on('data', (bytes) => {
    if (refused) return;
    try {
      waiting.push(...splitter.push(bytes));
    } catch {
      const message = `Invalid Request: a message is longer than ${maximumLineBytes} bytes`;
      end({ jsonrpc: '2.0', id: null, error: { code: -32600, message } });
      return;
    }
    pump();
  });
  socket.on('drain', pump);
  socket.on('end', () => {
    // The client may only have closed its sending side, so what is nearly done is still answered.
    inputEnded = true;
    if (!refused) waiting.push(...splitter.end());
    subscription.stop();
    dispatcher.cancelAll();
    pump();
  });
  socket.on('error', (error) => log.info({ error: error.message }, 'a client went away'));
  socket.on('close', () => {
    refused = true;
    waiting = [];
    subscription.stop();
    dispatcher.cancelAll();
  });
  return () => end();
}
