// The command by which a person logs in to a portal's instance, ready to be pasted into a shell.
import { isIP } from 'node:net';
import type { PortalView } from '../protocol/portal-view.ts';

/**
 * `ssh -i KEY -o … -p PORT USER@ADDRESS`, which takes no other host key than the verified one; undefined while there is no
 * instance with an address, or no such key: a line without it would take anybody's.
 */
export function sshLine({ instance, user, ssh }: PortalView): string | undefined {
  const address = addressOf(instance);
  if (address === undefined || ssh.knownHostsFile === undefined) return undefined;
  return [
    'ssh',
    '-i',
    shellWord(sshPath(ssh.identityFile)),
    '-o',
    shellWord(`UserKnownHostsFile=${settingValue(sshPath(ssh.knownHostsFile))}`),
    '-o',
    'StrictHostKeyChecking=yes',
    ...(ssh.port === 22 ? [] : ['-p', String(ssh.port)]),
    shellWord(`${user}@${address}`),
  ].join(' ');
}

/**
 * The options by which ssh reaches the instance: with its identity, and with no other host key than the one that
 * portald has verified. Undefined while there is none such.
 */
export function pinnedSshOptions(view: PortalView): string[] | undefined {
  const settings = sshSettings(view);
  if (settings === undefined) return undefined;
  const only = [
    ['GlobalKnownHostsFile', 'none'],
    ['UpdateHostKeys', 'no'],
    // A connection that the user's own ssh shares was made with whatever key was met then.
    ['ControlPath', 'none'],
    // One that does not answer, or does so no more, is told within a minute, not within ten.
    ['ConnectTimeout', '20'],
    ['ServerAliveInterval', '15'],
    ['ServerAliveCountMax', '4'],
  ] as const;
  return [...settings, ...only].flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

/** A `Host` block for ssh's configuration; undefined as for `sshLine`. */
export function sshConfigLines(view: PortalView): string[] | undefined {
  const settings = sshSettings(view)?.map(([name, value]) => `  ${name} ${value}`);
  return settings && [`Host ${view.name}`, ...settings];
}

function sshSettings({
  instance,
  user,
  ssh,
}: PortalView): (readonly [name: string, value: string])[] | undefined {
  const address = addressOf(instance);
  if (address === undefined || ssh.knownHostsFile === undefined) return undefined;
  return [
    ['HostName', address],
    ['Port', String(ssh.port)],
    ['User', user],
    ['IdentityFile', settingValue(sshPath(ssh.identityFile))],
    ['IdentitiesOnly', 'yes'],
    ['UserKnownHostsFile', settingValue(sshPath(ssh.knownHostsFile))],
    ['StrictHostKeyChecking', 'yes'],
  ];
}

/** Only what is an address: anything else could be an option of ssh's, or a line of its configuration. */
function addressOf(instance: PortalView['instance']): string | undefined {
  return isIP(instance?.address ?? '') === 0 ? undefined : instance?.address;
}

/** ssh expands `%` in paths. */
function sshPath(path: string): string {
  return path.replaceAll('%', '%%');
}

/** The value of a setting is a list of words. */
function settingValue(path: string): string {
  return /[\s"\\]/.test(path) ? `"${path.replaceAll(/["\\]/g, '\\$&')}"` : path;
}

/** A word of a command line for a shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
