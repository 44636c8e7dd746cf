// A portald that answers on our socket, and is not the one that would be started from here: one of the machine's, say.
import { PortalError } from '../../protocol/errors.ts';
import { stateFolder } from '../../protocol/paths.ts';
import type { DaemonStatus } from './running.ts';
import { daemonCommand, type Scope } from './scope.ts';

/** Whether its records are others than those that this environment names. */
export function hasOtherFolder(folder: string | undefined, { environment }: Scope): boolean {
  return folder !== undefined && folder !== stateFolder(environment);
}

/** Throws PortalError `service` if so: another one would be started in its place, and its portals left alone. */
export function refuseOtherFolder(
  status: DaemonStatus | undefined,
  verb: 'stop' | 'restart',
  scope: Scope,
): void {
  if (status === undefined || !hasOtherFolder(status.stateFolder, scope)) return;
  const [, systemUser] = /^\/var\/lib\/portald-([^/]+)$/.exec(status.stateFolder) ?? [];
  throw new PortalError(
    'service',
    `the portald that answers keeps its records in ${status.stateFolder}, not in ${stateFolder(scope.environment)}: it was not started from here`,
    {
      hint:
        systemUser === undefined
          ? `if it is meant: PORTALD_STATE_DIR=${status.stateFolder} ${daemonCommand(verb, scope)}`
          : `if it is meant: sudo ${daemonCommand(verb, { systemUser })}`,
    },
  );
}
