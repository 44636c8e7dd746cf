// Where the socket, the records and the configuration are: computed from the environment alone, the same way by
// client and daemon. Pure; nothing is created or looked at.
import { PortalError } from './errors.ts';

/** The variables that decide, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Folder of the records: `PORTALD_STATE_DIR`, else `$XDG_STATE_HOME/portald`, else `~/.local/state/portald`. */
export function stateFolder(environment: Environment): string {
  const given = environment['PORTALD_STATE_DIR'];
  if (given !== undefined && given !== '') return absolute(given, 'PORTALD_STATE_DIR');
  const base = xdg(environment, 'XDG_STATE_HOME') ?? `${home(environment)}/.local/state`;
  return `${base}/portald`;
}

/** portald's log in its state folder. */
export function logPath(folder: string): string {
  return `${folder}/portald.log`;
}

/** What the log at `path` has no room for any more. */
export function olderLogPath(path: string): string {
  return `${path}.1`;
}

/** The Unix socket: `PORTALD_SOCKET`, else `$XDG_RUNTIME_DIR/portald/portald.sock`, else in the state folder. */
export function socketPath(environment: Environment): string {
  const given = environment['PORTALD_SOCKET'];
  if (given !== undefined && given !== '') return absolute(given, 'PORTALD_SOCKET');
  const runtime = xdg(environment, 'XDG_RUNTIME_DIR');
  return runtime === undefined
    ? `${stateFolder(environment)}/portald.sock`
    : `${runtime}/portald/portald.sock`;
}

/** The configuration file: `PORTALD_CONFIG`, else `$XDG_CONFIG_HOME/portald/config.yaml`. */
export function configurationPath(environment: Environment): string {
  const given = environment['PORTALD_CONFIG'];
  if (given !== undefined && given !== '') return absolute(given, 'PORTALD_CONFIG');
  return `${configurationFolder(environment)}/config.yaml`;
}

/** Whether the user named the configuration file: then it must be there. */
export function isConfigurationNamed(environment: Environment): boolean {
  return (environment['PORTALD_CONFIG'] ?? '') !== '';
}

/** Folder in which the client looks for a specification that is not in the working folder. */
export function portalsFolder(environment: Environment): string {
  return `${configurationFolder(environment)}/portals`;
}

/** Longest path a Unix socket can have, in bytes (sockaddr_un less its terminating NUL). */
export function maximumSocketPathBytes(platform: string): number {
  return platform === 'darwin' ? 103 : 107;
}

/** Refuses a socket path that the system would cut or refuse. */
export function checkSocketPath(path: string, platform: string): void {
  if (path.endsWith('/')) {
    throw new PortalError('socket-path', `the socket path ${path} names a folder`, {
      hint: 'set PORTALD_SOCKET to the path of the socket itself, the same for portald and portalctl',
    });
  }
  const limit = maximumSocketPathBytes(platform);
  const length = Buffer.byteLength(path);
  if (length > limit) {
    throw new PortalError(
      'socket-path',
      `the socket path ${path} has ${length} bytes; the system allows ${limit}`,
      {
        hint: 'set PORTALD_SOCKET to a shorter path, the same for portald and portalctl',
      },
    );
  }
}

function configurationFolder(environment: Environment): string {
  return `${xdg(environment, 'XDG_CONFIG_HOME') ?? `${home(environment)}/.config`}/portald`;
}

// The XDG base directory specification says that relative paths are to be ignored.
function xdg(environment: Environment, name: string): string | undefined {
  const value = environment[name];
  return value?.startsWith('/') === true ? value.replace(/(.)\/+$/, '$1') : undefined;
}

function home(environment: Environment): string {
  const value = environment['HOME'];
  if (value?.startsWith('/') !== true) {
    throw new PortalError('state-folder', 'HOME is not set to an absolute path', {
      hint: 'set HOME, or PORTALD_STATE_DIR, PORTALD_SOCKET and PORTALD_CONFIG',
    });
  }
  return value.replace(/(.)\/+$/, '$1');
}

function absolute(path: string, variable: string): string {
  if (!path.startsWith('/')) {
    throw new PortalError('usage', `${variable} is "${path}", which is not an absolute path`, {
      hint: `set ${variable} to a path that starts with "/"`,
    });
  }
  return path;
}
