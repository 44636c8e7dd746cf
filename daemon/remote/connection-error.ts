// What went wrong while connecting, in words for people.
import { PortalError } from '../../protocol/errors.ts';
import { visibleText } from '../../protocol/visible-text.ts';
import type { RemoteTarget } from '../portal/gateways.ts';

export const reachHint = 'check that the security group lets this machine in on ssh_port';

/** An attempt that failed as one of ours; `banner` is what the server said before the login. */
export function connectionError(target: RemoteTarget, error: Error, banner: string): PortalError {
  const where = `${target.instanceId} at ${visibleText(target.address)} port ${target.port}`;
  const code = 'code' in error ? String(error.code) : '';
  const level = 'level' in error ? String(error.level) : '';
  if (level === 'client-authentication') {
    const said = banner.trim() === '' ? '' : `; it says: ${visibleText(banner.trim().slice(0, 300))}`;
    return new PortalError('ssh', `${where} refuses the login of ${target.user}${said}`, {
      hint: 'normal in the first minute; later check remote_user and that identity_file belongs to key_pair_name',
    });
  }
  if (code === 'ECONNREFUSED') {
    return new PortalError('ssh', `${where} refuses SSH connections`, {
      hint: 'normal while it boots; later check that its SSH server listens on ssh_port',
    });
  }
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || code === 'ETIMEDOUT') {
    return new PortalError('ssh', `${where} cannot be reached (${code})`, {
      hint: reachHint,
    });
  }
  return new PortalError('ssh', `the SSH connection to ${where} failed: ${visibleText(error.message)}`, {
    cause: error,
  });
}
