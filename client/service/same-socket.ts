// What a service of this user is started with, and whether it is the portald that is meant: an environment may name another
// one, with folders of its own.
import { type Environment, socketPath } from '../../protocol/paths.ts';
import type { Scope } from './scope.ts';
import type { ServiceManager } from './service-manager.ts';

const ofShell = /^(PORTALD_|AWS_|XDG_(?!RUNTIME_DIR$))/;

/** It has what its installation took, and none of this shell's settings. */
export async function environmentOfService(
  environment: Environment,
  manager: ServiceManager,
): Promise<Environment> {
  const kept = Object.entries(environment).filter(([name]) => !ofShell.test(name));
  return { ...Object.fromEntries(kept), ...Object.fromEntries(await manager.earlier()) };
}

/** Whether the service listens on the socket of this environment, by what its installation took. */
export async function isOfSameSocket(
  { systemUser, environment }: Scope,
  manager: ServiceManager,
): Promise<boolean> {
  if (systemUser !== undefined) return true;
  return socketPath(await environmentOfService(environment, manager)) === socketPath(environment);
}
