// The way every command reaches portald: the socket of this environment, versions agreed on, then the work.
import { PortalError } from '../protocol/errors.ts';
import { type MethodResults, protocolVersion } from '../protocol/methods.ts';
import { checkSocketPath, type Environment, socketPath } from '../protocol/paths.ts';
import type { Invocation } from './command.ts';
import { type Connection, connectTo } from './connection.ts';
import { lockHolder, onAnotherSocket } from './lock-holder.ts';
import { startHint } from './start-hint.ts';

export type Greeting = MethodResults['daemon.hello'];

/** How long portald may take to greet before it counts as hung. */
const patienceMs = 10_000;

/**
 * Connects, greets (in `greetingTimeoutMs` at most), runs `work` and closes the connection. Throws PortalError `no-daemon` and what
 * `work` throws.
 */
export async function withDaemon<T>(
  { environment }: Pick<Invocation, 'environment'>,
  work: (connection: Connection, greeting: Greeting) => Promise<T>,
  greetingTimeoutMs = patienceMs,
): Promise<T> {
  const path = socketPath(environment);
  checkSocketPath(path, process.platform);
  const connection = await connectTo(path).catch((error: unknown) => {
    throw betterKnown(error, path, environment);
  });
  try {
    return await work(connection, await greet(connection, path, greetingTimeoutMs));
  } finally {
    connection.close();
  }
}

/** Where nobody listens, and a portald runs all the same, another one cannot be started. */
function betterKnown(error: unknown, path: string, environment: Environment): unknown {
  if (!(error instanceof PortalError)) return error;
  const { code = '' } = (error.cause ?? {}) as NodeJS.ErrnoException;
  const pid = ['ENOENT', 'ENOTDIR', 'ECONNREFUSED'].includes(code) ? lockHolder(environment) : undefined;
  if (pid === undefined) return error;
  const { message, hint } = onAnotherSocket(pid, path);
  return new PortalError('no-daemon', message, { hint, cause: error.cause });
}

/** Whoever made the socket may answer what he likes. */
function checkedGreeting(greeting: Greeting | null, path: string): Greeting {
  const { version, daemon, now, aws } = greeting ?? {};
  const isWell =
    version === protocolVersion &&
    typeof daemon === 'string' &&
    typeof now === 'string' &&
    typeof aws === 'object' &&
    aws !== null;
  if (greeting !== null && isWell) return greeting;
  throw new PortalError(
    'invalid-message',
    `what answers on ${path} is no portald that this portalctl knows`,
    {
      hint: 'if it is one of another version: portalctl daemon restart',
    },
  );
}

async function greet(connection: Connection, path: string, timeoutMs: number): Promise<Greeting> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const message = `portald does not answer on ${path}, though something listens there`;
    reject(new PortalError('no-daemon', message, { hint: `end that process, then ${startHint}` }));
  }, timeoutMs);
  try {
    const greeting = connection.call('daemon.hello', { versions: [protocolVersion], client: 'portalctl' });
    return checkedGreeting(await Promise.race([greeting, tooLate]), path);
  } finally {
    clearTimeout(timer);
  }
}
