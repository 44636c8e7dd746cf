// Reaches portald for something about the account, and warns if this environment names another.
import { warnOfOtherAccount } from '../account-warning.ts';
import type { Invocation } from '../command.ts';
import type { Connection } from '../connection.ts';
import { withDaemon } from '../daemon.ts';

/** `nowMs` is the daemon's time. */
export function withAccount(
  invocation: Invocation,
  work: (connection: Connection, nowMs: number) => Promise<number>,
): Promise<number> {
  return withDaemon(invocation, (connection, greeting) => {
    warnOfOtherAccount(invocation.output, invocation.environment, greeting.aws);
    return work(connection, Date.parse(greeting.now));
  });
}
