// A user's own systemd on the machine, as a login would start it, with portalctl to give it orders.
import { eventually } from '../fixture/eventually.ts';
import { type Machine, programOnMachine } from './machine.ts';

/** Spaces are in every path that a unit or a drop-in holds. */
export const places = { home: '/run/my home', clone: '/run/my 100% clone', runtime: '/run/user/0' };

export interface UserManager {
  /** Runs portalctl as the user, with what else is in its environment. */
  portalctl(
    words: readonly string[],
    environment?: readonly string[],
  ): { code: number | null; stdout: string; stderr: string };
}

export async function startUserManager(machine: Machine): Promise<UserManager> {
  const { home, clone, runtime } = places;
  machine.run('mkdir', '-p', home, clone, runtime);
  machine.run('mount', '--bind', '/mnt', clone);
  const own = ['env', '-i', 'PATH=/usr/bin:/bin', `HOME=${home}`, `XDG_RUNTIME_DIR=${runtime}`];
  const environment = own.slice(3).map((entry) => `--setenv=${entry}`);
  const unit = ['systemd-run', '--unit=manager', '--property=Delegate=yes', '--property=Type=notify'];
  const started = machine.run(...unit, ...environment, '/usr/lib/systemd/systemd', '--user');
  if (started.code !== 0) throw new Error(`no user manager: ${started.stderr}${machine.log()}`);
  await eventually('the user manager runs', () => {
    const { stdout } = machine.run(...own, 'systemctl', '--user', 'is-system-running');
    return /running|degraded/.test(stdout) ? true : undefined;
  });
  const program = [`${clone}/node_modules/.bin/node`, programOnMachine('client', clone)];
  return { portalctl: (words, more = []) => machine.run(...own, ...more, ...program, ...words) };
}
