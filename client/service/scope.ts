// Whose portald is meant: the caller's own, or that of the machine for one user (`--system USER`).
import { homedir, userInfo } from 'node:os';
import type { Environment } from '../../protocol/paths.ts';
import { usageError } from '../arguments.ts';
import type { Invocation } from '../command.ts';
import { runTool } from './run-tool.ts';

export interface Scope {
  /** The user for whom the machine runs it; undefined: it is the caller's own. */
  readonly systemUser: string | undefined;
  /** Whom it runs as. */
  readonly user: { readonly name: string; readonly uid: number; readonly gid: number; readonly home: string };
  /** The environment in which its socket and state folder are found. */
  readonly environment: Environment;
}

/** What systemd takes as it is in the name of a unit, and shells after a tilde. */
const userName = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/;

/** Throws PortalError `usage` if there is no such user, or if `changes` and the caller may not. */
export async function scopeOf({ values, environment }: Invocation, changes: boolean): Promise<Scope> {
  const name = values.get('system')?.[0];
  if (name === undefined) {
    const { username, uid, gid } = userInfo();
    const home = environment['HOME'] ?? homedir();
    return { systemUser: undefined, user: { name: username, uid, gid, home }, environment };
  }
  if (changes && process.getuid?.() !== 0)
    throw usageError('--system is for root', 'use sudo, or leave --system out: then it is for you alone');
  if (!userName.test(name))
    throw usageError(`"${name}" is no user's name`, 'portalctl daemon install --system alice');
  const ids = await Promise.all(['-u', '-g'].map((option) => runTool('id', [option, name], environment)));
  if (ids.some(({ code }) => code !== 0))
    throw usageError(`there is no user ${name}`, 'name one of this machine: --system alice');
  const [uid = 0, gid = 0] = ids.map(({ stdout }) => Number(stdout));
  const { stdout: home } = await runTool('sh', ['-c', `echo ~${name}`], environment);
  // As the units have it. On macOS, which has no /run, the socket is in the state folder.
  const state = `/var/lib/portald-${name}`;
  const socket =
    process.platform === 'darwin' ? `${state}/portald.sock` : `/run/portald-${name}/portald.sock`;
  return {
    systemUser: name,
    user: { name, uid, gid, home: home.trim() },
    environment: { ...environment, PORTALD_STATE_DIR: state, PORTALD_SOCKET: socket },
  };
}

/** A command line of `portalctl daemon` for the same portald. */
export function daemonCommand(verb: string, { systemUser }: Pick<Scope, 'systemUser'>): string {
  return systemUser === undefined
    ? `portalctl daemon ${verb}`
    : `portalctl daemon ${verb} --system ${systemUser}`;
}
