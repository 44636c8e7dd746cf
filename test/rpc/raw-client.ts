// A client that sends whatever bytes a test wants and keeps every line that comes back.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { eventually } from '../fixture/eventually.ts';

/** One message as far as the tests look at it. */
export interface AnyMessage {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly data?: Readonly<Record<string, unknown>>;
  };
}

export interface RawClient {
  readonly socket: Socket;
  readonly received: AnyMessage[];
  /** Whether the daemon has ended the connection. */
  ended(): boolean;
  /** Sends text as it is. */
  send(text: string): void;
  /** Sends a request and waits for the answer with its id. */
  ask(id: number, method: string, params?: unknown): Promise<AnyMessage>;
  /** Waits for a message. */
  find(matches: (message: AnyMessage) => boolean, what: string): Promise<AnyMessage>;
}

/** Connects to the socket at `path`. */
export async function rawClient(path: string): Promise<RawClient> {
  const socket = connect(path);
  const received: AnyMessage[] = [];
  let ended = false;
  let rest = '';
  socket.on('data', (bytes) => {
    const lines = (rest + bytes.toString()).split('\n');
    rest = lines.pop() ?? '';
    received.push(...lines.map((line): AnyMessage => JSON.parse(line)));
  });
  socket.on('error', () => undefined);
  socket.on('end', () => (ended = true));
  socket.on('close', () => (ended = true));
  await once(socket, 'connect');
  const find: RawClient['find'] = (matches, what) => eventually(what, () => received.find(matches));
  return {
    socket,
    received,
    ended: () => ended,
    send: (text) => void socket.write(text),
    ask(id, method, params) {
      socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
      return find((message) => message.id === id, `the answer to ${method}`);
    },
    find,
  };
}
