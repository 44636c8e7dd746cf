// JSON-RPC 2.0 over text messages, for one connection: takes a message's text, gives the answer to send back.
// Wraps json-rpc-2.0, which answers a batch of one with an object, cannot take `null` and tells strangers the
// messages of unexpected exceptions; so envelopes, batches and errors are handled here.
import {
  createInvalidRequestResponse,
  createJSONRPCErrorResponse,
  isJSONRPCID,
  JSONRPCErrorCode,
  JSONRPCErrorException,
  type JSONRPCID,
  type JSONRPCRequest,
  type JSONRPCResponse,
  JSONRPCServer,
} from 'json-rpc-2.0';
import { applicationErrorCode, type ErrorData, PortalError } from '../../protocol/errors.ts';
import { cancelNotification, progressNotification } from '../../protocol/events.ts';
import { isJsonObject } from '../../protocol/json-object.ts';
import { type ParsedMessage, parseMessage } from './exact-ids.ts';
import type { Log } from './log.ts';

/** What a method gets beside its params. */
export interface RequestContext {
  /** Aborted when the client cancels the request or goes away. */
  readonly signal: AbortSignal;
  /** Tells the client how far its request is; nothing is sent for a notification. */
  readonly progress: (message: string) => void;
}

/** A method: gets params as they came, gives the result or throws. */
export type Method = (params: unknown, context: RequestContext) => unknown;

/** Thrown by a method that cannot take its params; the sentence goes to the client with code -32602. */
export class InvalidParams extends Error {
  override readonly name = 'InvalidParams';
}

export interface DispatcherOptions {
  readonly methods: Readonly<Record<string, Method>>;
  /** Sends a notification to the client. */
  notify(method: string, params: object): void;
  readonly log: Log;
  /** Makes the id that ties an internal error's answer to its log entry. */
  readonly newId: () => string;
}

export interface Dispatcher {
  /** Handles one message; resolves to the answer, or to undefined if there is none to send. Never rejects. */
  receive(text: string): Promise<JSONRPCResponse | JSONRPCResponse[] | undefined>;
  /** Aborts every request under way. */
  cancelAll(): void;
}

/** Most members of a batch; a longer one is refused whole. */
export const maximumBatchLength = 1000;

interface RequestUnderWay {
  readonly id: JSONRPCID | undefined;
  readonly controller: AbortController;
}

/** Makes the dispatcher of one connection. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const underWay = new Set<RequestUnderWay>();
  // The listener's default prints to the console; what is worth logging is logged in `toRpcError`.
  const server = new JSONRPCServer<RequestContext>({ errorListener: () => undefined });
  for (const [name, method] of Object.entries(options.methods)) {
    server.addMethod(name, async (params: unknown, context: RequestContext) => {
      try {
        return await method(params, context);
      } catch (error) {
        throw toRpcError(error, name, context.signal, options);
      }
    });
  }

  const cancel = (params: unknown): void => {
    // A notification under way has no id and must not match a cancellation without one.
    if (!isJsonObject(params) || params['id'] === undefined) return;
    for (const request of underWay) {
      if (request.id === params['id']) request.controller.abort();
    }
  };

  const receiveOne = async (message: unknown): Promise<JSONRPCResponse | undefined> => {
    if (!isRequest(message)) return createInvalidRequestResponse(message ?? {});
    if (message.method === cancelNotification && message.id === undefined) {
      cancel(message.params);
      return undefined;
    }
    const { id } = message;
    const request = { id, controller: new AbortController() };
    underWay.add(request);
    try {
      const answer = await server.receive(message, {
        signal: request.controller.signal,
        progress: (text) => {
          if (id !== undefined) options.notify(progressNotification, { id, message: text });
        },
      });
      return answer ?? undefined;
    } finally {
      underWay.delete(request);
    }
  };

  return {
    async receive(text) {
      let parsed: ParsedMessage;
      try {
        parsed = parseMessage(text);
      } catch {
        return createJSONRPCErrorResponse(null, JSONRPCErrorCode.ParseError, 'Parse error');
      }
      const { message, changed } = parsed;
      const receive = (one: unknown): Promise<JSONRPCResponse | undefined> =>
        changed.has(one) ? Promise.resolve(wrongId) : receiveOne(one);
      if (!Array.isArray(message)) return receive(message);
      if (message.length === 0) return createInvalidRequestResponse({});
      if (message.length > maximumBatchLength) {
        const sentence = `Invalid Request: the batch has ${message.length} members, at most ${maximumBatchLength} are taken`;
        return createJSONRPCErrorResponse(null, JSONRPCErrorCode.InvalidRequest, sentence);
      }
      const answers = (await Promise.all(message.map(receive))).filter((answer) => answer !== undefined);
      return answers.length === 0 ? undefined : answers;
    },
    cancelAll() {
      for (const request of underWay) request.controller.abort();
    },
  };
}

const wrongId = createJSONRPCErrorResponse(
  null,
  JSONRPCErrorCode.InvalidRequest,
  'Invalid Request: the id is a number that would come back changed; use a string, or a whole number below 2^53',
);

function isRequest(message: unknown): message is JSONRPCRequest {
  if (!isJsonObject(message)) return false;
  const { jsonrpc, method, params, id } = message;
  return (
    jsonrpc === '2.0' &&
    typeof method === 'string' &&
    (params === undefined || (typeof params === 'object' && params !== null)) &&
    (id === undefined || isJSONRPCID(id)) &&
    !('result' in message) &&
    !('error' in message)
  );
}

function toRpcError(
  error: unknown,
  method: string,
  signal: AbortSignal,
  { log, newId }: Pick<DispatcherOptions, 'log' | 'newId'>,
): JSONRPCErrorException {
  if (error instanceof InvalidParams) {
    // To portalctl it is a value that the user gave.
    const data: ErrorData = { kind: 'usage', retryable: false };
    return new JSONRPCErrorException(error.message, JSONRPCErrorCode.InvalidParams, data);
  }
  if (error instanceof PortalError) {
    return new JSONRPCErrorException(error.message, applicationErrorCode, error.toData());
  }
  if (signal.aborted && error instanceof Error && error.name === 'AbortError') {
    const cancelled = new PortalError('cancelled', 'the request was cancelled');
    return new JSONRPCErrorException(cancelled.message, applicationErrorCode, cancelled.toData());
  }
  const id = newId();
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  log.error({ id, method, stack }, 'internal error');
  const data: ErrorData = { kind: 'internal', id, retryable: false };
  return new JSONRPCErrorException('internal error', JSONRPCErrorCode.InternalError, data);
}
