// The command by which a person logs in to a portal's instance, ready to be pasted into a shell.
import type { PortalView } from '../protocol/portal-view.ts';

/** `ssh -i KEY -p PORT USER@ADDRESS`; undefined while there is no instance with an address. */
export function sshLine({ instance, user, ssh }: PortalView): string | undefined {
  if (instance?.address === undefined) return undefined;
  return [
    'ssh',
    '-i',
    shellWord(sshPath(ssh.identityFile)),
    ...(ssh.knownHostsFile === undefined
      ? []
      : ['-o', shellWord(`UserKnownHostsFile=${settingValue(sshPath(ssh.knownHostsFile))}`)]),
    ...(ssh.port === 22 ? [] : ['-p', String(ssh.port)]),
    shellWord(`${user}@${instance.address}`),
  ].join(' ');
}

/** ssh expands `%` in paths. */
function sshPath(path: string): string {
  return path.replaceAll('%', '%%');
}

/** The value of a setting is a list of words. */
function settingValue(path: string): string {
  return /\s/.test(path) ? `"${path}"` : path;
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
