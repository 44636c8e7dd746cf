// portalctl daemon install: makes portald a service, with real paths and what it needs of this environment.
import { PortalError } from '../../protocol/errors.ts';
import { stateFolder } from '../../protocol/paths.ts';
import { exitCodes } from '../exit-codes.ts';
import { noManager } from './find-manager.ts';
import { isLingering, linger } from './lingering.ts';
import { checkLasting, ownProgram } from './own-program.ts';
import { daemonView, tellReport } from './report.ts';
import { findRunning, untilAnswers } from './running.ts';
import { daemonCommand, type Scope } from './scope.ts';
import { takeEnvironment } from './taken-environment.ts';
import type { Verb } from './verb.ts';

export const install: Verb = {
  options: ['linger', 'system'],
  changes: true,
  isAboutSocket: false,
  async run({ invocation, scope, manager }) {
    if (manager === undefined) throw noManager(scope);
    const { environment, workingFolder, output, flags } = invocation;
    const program = ownProgram(environment);
    checkLasting(program);
    const { variables, remarks } = takeEnvironment(environment, {
      scope,
      workingFolder,
      earlier: await manager.earlier(),
      platform: process.platform,
    });
    const before = await manager.look();
    const { status: other } = await findRunning(scope.environment);
    if (other !== undefined && other.pid !== before.pid)
      throw new PortalError(
        'daemon-running',
        `a portald runs already that is no service (process ${other.pid})`,
        {
          hint: `${daemonCommand('stop', scope)} ends it, portals stay open; then install again`,
        },
      );

    const lingering = await makeLinger(scope, manager.name, flags.has('linger'));
    const done = [...(await manager.install({ program, variables })), ...lingering.done];
    const status = await untilAnswers(scope.environment);
    const state = await manager.look();
    const nothing = `${manager.service} is installed as it should be, and runs`;
    tellReport(
      output,
      {
        done: done.length === 0 ? [nothing] : done,
        remarks: [
          ...remarks,
          ...lingering.remarks,
          ...placeRemarks(scope),
          'after an upgrade, and when Node has moved: install again; it is started anew if that changes something',
        ],
        undo: daemonCommand('uninstall', scope),
      },
      daemonView(scope.environment, status, manager, state),
    );
    return exitCodes.done;
  },
};

async function makeLinger(
  scope: Scope,
  manager: string,
  isWanted: boolean,
): Promise<{ done: string[]; remarks: string[] }> {
  const nothing = { done: [], remarks: [] };
  if (scope.systemUser !== undefined) return nothing;
  if (manager === 'launchd') {
    return {
      done: [],
      remarks: ['it runs while you are logged in; for a machine where nobody is: --system USER'],
    };
  }
  if (await isLingering(scope)) return nothing;
  if (isWanted) {
    await linger(scope);
    return { done: ['enabled lingering: your services run also while you are not logged in'], remarks: [] };
  }
  return {
    done: [],
    remarks: [
      'it ends when you log out, unless you linger: portalctl daemon install --linger (loginctl enable-linger)',
    ],
  };
}

function placeRemarks({ systemUser, environment }: Scope): string[] {
  if (systemUser === undefined) return [];
  return [
    `its client: PORTALD_SOCKET=${environment['PORTALD_SOCKET']} portalctl status`,
    `its records: ${stateFolder(environment)}`,
    ...(process.platform === 'linux'
      ? [`inbound channels to folders outside the home of ${systemUser} need ReadWritePaths= in its unit`]
      : []),
  ];
}
