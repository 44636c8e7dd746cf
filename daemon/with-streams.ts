// That there is no file descriptor left for a child is an error like others.
import type { ChildProcess } from 'node:child_process';
import { PortalError } from '../protocol/errors.ts';

/**
 * The child that was just spawned. Everything else that keeps one from starting Node tells by an `error` event; without
 * a free descriptor it gives one that has no streams (lib/internal/child_process.js).
 * @throws {PortalError} of kind `resources`
 */
export function withStreams<Child extends ChildProcess>(child: Child): Child {
  if ((child.stdio as unknown) !== undefined) return child;
  child.on('error', () => {}); // it is told by what is thrown
  throw new PortalError(
    'resources',
    `${child.spawnfile} cannot be started: portald has no file descriptor left`,
    {
      hint: 'allow it more (ulimit -n where it is started, LimitNOFILE= of its unit), and start it again',
    },
  );
}
