// portald as a service of macOS's launchd: an agent of the user's login, or a daemon of the machine for one user.
import { chownSync, existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PortalError } from '../../protocol/errors.ts';
import { stateFolder } from '../../protocol/paths.ts';
import { makeFolders } from './make-folders.ts';
import { packagedFile } from './own-program.ts';
import { propertyListText, readTakenVariables } from './property-list.ts';
import { mustRun, runTool } from './run-tool.ts';
import type { Scope } from './scope.ts';
import type { ServiceManager } from './service-manager.ts';
import { readOwn, removeOwn, writeOwn } from './written-file.ts';

/** Longer than ExitTimeOut. */
const endingTimeoutMs = 60_000;

export function createLaunchd(scope: Scope): ServiceManager {
  const { systemUser, user, environment } = scope;
  const [domain, label, packaged, folder] =
    systemUser === undefined
      ? ([
          `gui/${user.uid}`,
          'org.portald.portald',
          'org.portald.portald.plist',
          join(user.home, 'Library/LaunchAgents'),
        ] as const)
      : ([
          'system',
          `org.portald.portald.${systemUser}`,
          'org.portald.portald.daemon.plist',
          '/Library/LaunchDaemons',
        ] as const);
  const file = join(folder, `${label}.plist`);
  const target = `${domain}/${label}`;
  const state = stateFolder(environment);
  const advice =
    `see ${join(state, 'portald.stderr')}, and: launchctl print ${target}` +
    (systemUser === undefined
      ? '\nan agent needs its user to be logged in at the screen of this machine'
      : '');
  const launchctl = (...words: readonly string[]): Promise<string> =>
    mustRun('launchctl', words, environment, advice);

  const loaded = async (): Promise<{ pid: number | undefined } | undefined> => {
    const { code, stdout } = await runTool('launchctl', ['print', target], environment);
    if (code !== 0) return undefined;
    const pid = /^\s*pid = (\d+)$/m.exec(stdout)?.[1];
    return { pid: pid === undefined ? undefined : Number(pid) };
  };
  /** launchctl does not wait for a service to end. */
  const untilEnded = async (hasEnded: () => Promise<boolean>): Promise<void> => {
    const limit = performance.now() + endingTimeoutMs;
    while (!(await hasEnded())) {
      if (performance.now() > limit)
        throw new PortalError('service', `${label} does not end`, { hint: advice });
      await sleep(100);
    }
  };
  const unload = async (): Promise<void> => {
    // It tells of an end that is under way as of an error.
    await runTool('launchctl', ['bootout', target], environment);
    await untilEnded(async () => (await loaded()) === undefined);
  };
  const load = async (): Promise<void> => {
    await launchctl('enable', target);
    await launchctl('bootstrap', domain, file);
  };
  const start = async (): Promise<void> => {
    if ((await loaded()) === undefined) await load();
    else await launchctl('kickstart', target);
  };
  const stop = async (): Promise<void> => {
    if ((await loaded())?.pid === undefined) return;
    // It ends with 0, and so is not started again.
    await launchctl('kill', 'SIGTERM', target);
    await untilEnded(async () => (await loaded())?.pid === undefined);
  };
  return {
    name: 'launchd',
    service: label,
    async look() {
      const isThere = existsSync(file);
      const isOwn = readOwn(file) !== undefined;
      return { file: isThere ? file : undefined, isOwn, isEnabled: isThere, pid: (await loaded())?.pid };
    },
    earlier: async () => readTakenVariables(readOwn(file) ?? ''),
    async install({ program, variables }) {
      makeStateFolder(state, scope);
      const places = { ...program, state, user: user.name, home: user.home };
      const text = propertyListText(
        readFileSync(packagedFile(`launchd/${packaged}`), 'utf8'),
        places,
        variables,
      );
      const done: string[] = [];
      const names = variables.size === 0 ? '' : `, with ${[...variables.keys()].join(', ')}`;
      if (writeOwn(file, text, 0o600)) done.push(`wrote ${file}${names}`);
      const before = await loaded();
      if (before !== undefined && done.length > 0) {
        await unload();
        await load();
        done.push(`loaded ${label} anew; portals stayed open`);
      } else if (before?.pid === undefined) {
        await start();
        done.push(`started ${label}`);
      }
      return done;
    },
    async uninstall() {
      const done: string[] = [];
      if ((await loaded()) !== undefined) {
        await unload();
        done.push(`stopped and unloaded ${label}`);
      }
      if (removeOwn(file)) done.push(`removed ${file}`);
      return done;
    },
    start,
    stop,
    async restart() {
      await stop();
      await start();
    },
  };
}

/** launchd opens a file in it before portald could make it. */
function makeStateFolder(folder: string, { systemUser, user }: Scope): void {
  // Above it is what everybody may pass.
  if (systemUser !== undefined) makeFolders(dirname(folder), 0o755);
  const isNew = makeFolders(folder, 0o700);
  if (isNew && systemUser !== undefined) chownSync(folder, user.uid, user.gid);
}
