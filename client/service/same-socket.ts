// Whether a service is the portald that is meant: an environment may name another one, with folders of its own.
import { socketPath } from '../../protocol/paths.ts';
import type { Scope } from './scope.ts';
import type { ServiceManager } from './service-manager.ts';

/** Whether the service listens on the socket of this environment, by what its installation took. */
export async function isOfSameSocket(
  { systemUser, environment }: Scope,
  manager: ServiceManager,
): Promise<boolean> {
  if (systemUser !== undefined) return true;
  const own = { PORTALD_SOCKET: undefined, PORTALD_STATE_DIR: undefined, XDG_STATE_HOME: undefined };
  const taken = Object.fromEntries(await manager.earlier());
  return socketPath({ ...environment, ...own, ...taken }) === socketPath(environment);
}
