// A client's connection to portald: calls with their answers, the daemon's events, and why it ended.
// Plain Node on purpose: a library would cost start-up time.
import { connect, type Socket } from 'node:net';
import { type ErrorKind, errorKinds, PortalError, type Problem } from '../protocol/errors.ts';
import {
  cancelNotification,
  type DaemonEvent,
  eventNotification,
  progressNotification,
} from '../protocol/events.ts';
import { createLineSplitter } from '../protocol/framing.ts';
import { isJsonObject } from '../protocol/json-object.ts';
import type { MethodName, MethodParameters, MethodResults } from '../protocol/methods.ts';
import { explainConnectFailure, refuseForeignSocket } from './connect-failure.ts';
import { startHint } from './start-hint.ts';

export type SnapshotEvent = Extract<DaemonEvent, { type: 'snapshot' }>;
export type DeltaEvent = Exclude<DaemonEvent, SnapshotEvent>;

export interface CallOptions {
  /** Asks the daemon to give the request up; its answer, `cancelled` or not, is still waited for. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (message: string) => void;
}

export interface Connection {
  /** Calls a method; throws PortalError with the daemon's error, or `no-daemon` if the connection ends first. */
  call<M extends MethodName>(
    method: M,
    params: MethodParameters[M],
    options?: CallOptions,
  ): Promise<MethodResults[M]>;
  /** Subscribes to the events; once per connection. Resolves to the snapshot; `listener` gets what follows. */
  subscribe(listener: (event: DeltaEvent) => void): Promise<SnapshotEvent>;
  /** Resolves when the connection ends by itself, to why. */
  readonly lost: Promise<PortalError>;
  /** Ends the connection; calls under way are rejected. */
  close(): void;
}

interface PendingCall {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: PortalError) => void;
  readonly onProgress: ((message: string) => void) | undefined;
}

/** The daemon is trusted with longer lines than a client is: a snapshot holds every portal. */
const maximumAnswerBytes = 64 * 1024 * 1024;

/** Connects to the socket at `path`. Throws PortalError `no-daemon`. */
export async function connectTo(path: string): Promise<Connection> {
  const socket = await open(path);
  const pending = new Map<number, PendingCall>();
  const splitter = createLineSplitter(maximumAnswerBytes);
  const lost = Promise.withResolvers<PortalError>();
  const snapshot = Promise.withResolvers<SnapshotEvent>();
  let onDelta: ((event: DeltaEvent) => void) | undefined;
  let lastId = 0;
  let reason = new PortalError('no-daemon', 'portald closed the connection', {
    hint: startHint,
  });

  const send = (message: object): void => {
    socket.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  };
  const receive = (message: unknown): void => {
    if (!isJsonObject(message)) return;
    const { method, params, id } = message;
    if (method === eventNotification) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the daemon speaks the version agreed on
      const event = params as DaemonEvent;
      if (event.type === 'snapshot') snapshot.resolve(event);
      else onDelta?.(event);
    } else if (method === progressNotification && isJsonObject(params)) {
      pending.get(Number(params['id']))?.onProgress?.(String(params['message']));
    } else if (typeof id === 'number') {
      const call = pending.get(id);
      pending.delete(id);
      if ('error' in message) call?.reject(toPortalError(message['error']));
      else call?.resolve(message['result']);
    } else if ('error' in message) {
      // An error that belongs to no request: the daemon says why it is about to close.
      reason = toPortalError(message['error']);
    }
  };

  socket.on('data', (bytes) => {
    try {
      for (const line of splitter.push(bytes)) receive(JSON.parse(line));
    } catch {
      reason = new PortalError(
        'invalid-message',
        'what answers on the socket does not speak as portald does',
      );
      socket.destroy();
    }
  });
  // What matters of an error is that the connection has ended; 'close' always follows.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    for (const call of pending.values()) call.reject(reason);
    pending.clear();
    lost.resolve(reason);
  });

  const call = <M extends MethodName>(
    method: M,
    params: MethodParameters[M],
    { signal, onProgress }: CallOptions = {},
  ): Promise<MethodResults[M]> => {
    const id = ++lastId;
    const cancel = (): void => send({ method: cancelNotification, params: { id } });
    const answer = new Promise<unknown>((resolve, reject) => {
      if (socket.destroyed) reject(reason);
      else pending.set(id, { resolve, reject, onProgress });
    });
    send({ id, method, params });
    if (signal?.aborted === true) cancel();
    else signal?.addEventListener('abort', cancel, { once: true });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the daemon speaks the version agreed on
    return answer.finally(() => signal?.removeEventListener('abort', cancel)) as Promise<MethodResults[M]>;
  };
  return {
    call,
    async subscribe(listener) {
      onDelta = listener;
      await call('events.subscribe', {});
      return snapshot.promise;
    },
    lost: lost.promise,
    close: () => socket.destroy(),
  };
}

async function open(path: string): Promise<Socket> {
  refuseForeignSocket(path);
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const failed = (error: NodeJS.ErrnoException): void => reject(explainConnectFailure(path, error));
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.off('error', failed);
      resolve(socket);
    });
  });
}

/** By the specification of JSON-RPC. */
const methodNotFound = -32601;

function toPortalError(error: unknown): PortalError {
  const { message, data, code } = isJsonObject(error) ? error : {};
  if (code === methodNotFound)
    return new PortalError(
      'invalid-message',
      'this portald does not know that request: it is of another version',
      {
        hint: 'portalctl daemon restart',
      },
    );
  const { kind, hint, problems, id } = isJsonObject(data) ? data : {};
  return new PortalError(isErrorKind(kind) ? kind : 'internal', String(message), {
    ...(typeof hint === 'string' && { hint }),
    ...(typeof id === 'string' && { id }),
    ...(Array.isArray(problems) && { problems: problems.filter(isProblem) }),
  });
}

function isProblem(value: unknown): value is Problem {
  return isJsonObject(value) && ['line', 'column', 'path', 'message'].every((name) => name in value);
}

function isErrorKind(kind: unknown): kind is ErrorKind {
  return typeof kind === 'string' && Object.hasOwn(errorKinds, kind);
}
