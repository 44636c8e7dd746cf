// portald as a service of systemd: of the user's own, or of the machine's for one user.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PortalError } from '../../protocol/errors.ts';
import type { Environment } from '../../protocol/paths.ts';
import { packagedFile } from './own-program.ts';
import { mustRun, runTool } from './run-tool.ts';
import type { Scope } from './scope.ts';
import type { ServiceManager, ServiceState } from './service-manager.ts';
import { environmentText, homeText, readEnvironmentText, unitText } from './unit-text.ts';
import { readOwn, removeOwn, writeOwn } from './written-file.ts';

/** The states of a systemd that takes orders. */
const running = new Set(['initializing', 'starting', 'running', 'degraded', 'maintenance', 'stopping']);

/** Undefined where no systemd runs that would take orders for `scope`. */
export async function findSystemd(scope: Scope): Promise<ServiceManager | undefined> {
  const { systemUser, environment } = scope;
  const options = systemUser === undefined ? ['--user'] : [];
  const { stdout } = await runTool('systemctl', [...options, 'is-system-running'], environment);
  if (!running.has(stdout.trim())) return undefined;
  return createSystemd(scope, options, await unitFolder(scope, options));
}

function createSystemd(
  { systemUser, user, environment }: Scope,
  options: readonly string[],
  folder: string,
): ServiceManager {
  const file = systemUser === undefined ? 'portald.service' : 'portald@.service';
  const name = systemUser === undefined ? 'portald' : `portald@${systemUser}`;
  const unit = `${name}.service`;
  const dropIn = (one: string): string => join(folder, `${unit}.d`, one);
  const own = {
    unit: join(folder, file),
    environment: dropIn('environment.conf'),
    home: dropIn('home.conf'),
  };
  const isHomeElsewhere = systemUser !== undefined && isHomeOf(user) && user.home !== `/home/${systemUser}`;
  const journal = `see: ${['journalctl', ...options, '-u', unit, '-n', '30'].join(' ')}`;
  const systemctl = (...words: readonly string[]): Promise<string> =>
    mustRun('systemctl', [...options, ...words], environment, journal);

  const look = async (): Promise<ServiceState & { isActive: boolean }> => {
    const properties = await propertiesOf(unit, options, environment);
    const pid = Number(properties.get('MainPID') ?? 0);
    const path = properties.get('FragmentPath') || undefined;
    return {
      file: path,
      isOwn: path !== undefined && readOwn(path) !== undefined,
      isEnabled: properties.get('UnitFileState')?.startsWith('enabled') === true,
      isActive: /^(active|activating|reloading)$/.test(properties.get('ActiveState') ?? ''),
      pid: pid === 0 ? undefined : pid,
    };
  };
  /** The socket's name, if that would start the service again, now or after the next boot. */
  const socketUnit = async (isForGood: boolean): Promise<string[]> => {
    const socket = await propertiesOf(`${name}.socket`, options, environment);
    const isEnabled = socket.get('UnitFileState')?.startsWith('enabled') === true;
    return socket.get('ActiveState') === 'active' || (isForGood && isEnabled) ? [`${name}.socket`] : [];
  };
  return {
    name: systemUser === undefined ? 'your systemd' : 'systemd',
    service: unit,
    look,
    earlier: async () => readEnvironmentText(readOwn(own.environment) ?? ''),
    async install({ program, variables }) {
      if (systemUser !== undefined) refuseWritableByOthers(environmentFolder);
      const done: string[] = [];
      const before = await look();
      // One that a package or the user has put there is used as it is.
      const isOthers = before.file !== undefined && !before.isOwn;
      const text = unitText(readFileSync(packagedFile(`systemd/${file}`), 'utf8'), program);
      if (isOthers) done.push(`the unit ${before.file} is there already, and stays as it is`);
      else if (writeOwn(own.unit, text, 0o644)) done.push(`wrote ${own.unit}`);
      if (variables.size === 0) {
        if (removeOwn(own.environment)) done.push(`removed ${own.environment}`);
      } else if (writeOwn(own.environment, environmentText(variables), 0o600))
        done.push(`wrote ${own.environment}, with ${[...variables.keys()].join(', ')}`);
      if (isHomeElsewhere && writeOwn(own.home, homeText(user.home), 0o644))
        done.push(`wrote ${own.home}: channels write below ${user.home}`);
      const isChanged = done.length > (isOthers ? 1 : 0);
      await systemctl('daemon-reload');
      if (!before.isEnabled) {
        await systemctl('enable', unit);
        done.push(`enabled ${unit}`);
      }
      if (isChanged && before.isActive) {
        await systemctl('restart', unit);
        done.push(`restarted ${unit}; portals stayed open`);
      } else if (!before.isActive) {
        await systemctl('start', unit).catch(async (error: unknown) => {
          // Else it would be tried for ever, and at each boot.
          if (!before.isEnabled) await systemctl('disable', '--now', unit).catch(() => undefined);
          throw error;
        });
        done.push(`started ${unit}`);
      }
      return done;
    },
    async uninstall() {
      const { isEnabled, isActive } = await look();
      const done: string[] = [];
      const all = [...(await socketUnit(true)), ...(isEnabled || isActive ? [unit] : [])];
      if (all.length > 0) {
        await systemctl('disable', '--now', ...all);
        done.push(`stopped and disabled ${all.join(' and ')}`);
      }
      const isTemplateUsed = await isUsedByOthers();
      const removed = [own.environment, own.home, ...(isTemplateUsed ? [] : [own.unit])].filter(removeOwn);
      if (removed.length > 0) await systemctl('daemon-reload');
      return [...done, ...removed.map((path) => `removed ${path}`)];
    },
    start: async () => void (await systemctl('start', unit)),
    stop: async () => void (await systemctl('stop', ...(await socketUnit(false)), unit)),
    restart: async () => void (await systemctl('restart', unit)),
  };

  /** The template may serve other users. */
  async function isUsedByOthers(): Promise<boolean> {
    if (systemUser === undefined) return false;
    const wants = join(folder, 'multi-user.target.wants');
    const enabled = existsSync(wants) ? readdirSync(wants) : [];
    const listed = await systemctl('list-units', '--plain', '--no-legend', 'portald@*.service');
    const loaded = listed.split('\n').map((line) => line.split(' ')[0] ?? '');
    return [...enabled, ...loaded].some((one) => /^portald@.+\.service$/.test(one) && one !== unit);
  }
}

/** From which the unit of the machine reads variables for each user. */
const environmentFolder = '/etc/portald';

/** Who can write there could have other users' portald run what he likes. */
function refuseWritableByOthers(path: string): void {
  const held = statSync(path, { throwIfNoEntry: false });
  if (held === undefined || (held.uid === 0 && (held.mode & 0o022) === 0)) return;
  throw new PortalError('service', `others than root can write to ${path}, which decides what portald runs`, {
    hint: `look what is in it, then: chown root:root ${path}; chmod 755 ${path}`,
  });
}

/** A folder of the user's own: not that of a service, such as / or /usr/sbin. */
function isHomeOf({ home, uid }: Scope['user']): boolean {
  return statSync(home, { throwIfNoEntry: false })?.uid === uid;
}

async function propertiesOf(
  unit: string,
  options: readonly string[],
  environment: Environment,
): Promise<ReadonlyMap<string, string>> {
  const names = 'FragmentPath,UnitFileState,ActiveState,MainPID';
  const words = [...options, 'show', '--property', names, unit];
  const { stdout } = await runTool('systemctl', words, environment);
  const lines = stdout.split('\n').map((line) => [line.indexOf('='), line] as const);
  return new Map(lines.map(([end, line]) => [line.slice(0, end), line.slice(end + 1)]));
}

/** Where units are written. A user's systemd may not know of the XDG_CONFIG_HOME of a shell. */
async function unitFolder(
  { systemUser, user, environment }: Scope,
  options: readonly string[],
): Promise<string> {
  if (systemUser !== undefined) return '/etc/systemd/system';
  const usual = join(user.home, '.config/systemd/user');
  const { XDG_CONFIG_HOME: base = '' } = environment;
  if (!base.startsWith('/')) return usual;
  const words = [...options, 'show', '--property', 'UnitPath', '--value'];
  const { stdout } = await runTool('systemctl', words, environment);
  const named = join(base, 'systemd/user');
  return stdout.split(/\s+/).includes(named) ? named : usual;
}
