// Which service manager there is here, if any.
import { PortalError } from '../../protocol/errors.ts';
import { createLaunchd } from './launchd.ts';
import type { Scope } from './scope.ts';
import type { ServiceManager } from './service-manager.ts';
import { findSystemd } from './systemd.ts';

export async function findManager(scope: Scope): Promise<ServiceManager | undefined> {
  return process.platform === 'darwin' ? createLaunchd(scope) : findSystemd(scope);
}

/** Why there is none, for whoever needs one. */
export function noManager({ systemUser, user, environment }: Scope): PortalError {
  const isUsers = systemUser === undefined;
  const background = 'portalctl daemon start runs portald in the background, until this machine is restarted';
  const runtime = `/run/user/${user.uid}`;
  return new PortalError(
    'service',
    isUsers
      ? 'no systemd takes orders of this user here, so portald cannot be a service'
      : 'no systemd runs here, so portald cannot be a service of the machine',
    {
      hint:
        isUsers && (environment['XDG_RUNTIME_DIR'] ?? '') === ''
          ? `${background}\nafter su or sudo, systemd is found by: export XDG_RUNTIME_DIR=${runtime}`
          : background,
    },
  );
}
