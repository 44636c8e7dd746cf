// Lingering: whether systemd runs a user's services also while that user is not logged in.
import { mustRun, runTool } from './run-tool.ts';
import type { Scope } from './scope.ts';

export async function isLingering({ user, environment }: Scope): Promise<boolean> {
  const words = ['show-user', user.name, '--property', 'Linger', '--value'];
  const { stdout } = await runTool('loginctl', words, environment);
  return stdout.trim() === 'yes';
}

/** Throws PortalError `service`. */
export async function linger({ user, environment }: Scope): Promise<void> {
  const hint = `as root: loginctl enable-linger ${user.name}`;
  await mustRun('loginctl', ['enable-linger', user.name], environment, hint);
}
