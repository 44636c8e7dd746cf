// portalctl daemon uninstall: takes the service away again, and nothing else.
import { stateFolder } from '../../protocol/paths.ts';
import { exitCodes } from '../exit-codes.ts';
import { isLingering } from './lingering.ts';
import { daemonView, tellReport } from './report.ts';
import { findRunning } from './running.ts';
import { daemonCommand } from './scope.ts';
import { unattended } from './unattended.ts';
import type { Verb } from './verb.ts';

export const uninstall: Verb = {
  options: ['system'],
  changes: true,
  isAboutSocket: false,
  async run({ invocation, scope, manager }) {
    const before = await manager?.look();
    const { status: running } = await findRunning(scope.environment);
    const done = (await manager?.uninstall()) ?? [];
    const { status } = await findRunning(scope.environment);
    const left = await manager?.look();
    const remarks = [
      `records and logs stay in ${stateFolder(scope.environment)}, portals stay as they are`,
      ...(left?.file === undefined
        ? []
        : [
            `${left.file} ${left.isOwn ? 'serves other users, too' : "is not of portalctl's making"}, and stays`,
          ]),
      ...(manager?.name === 'your systemd' && (await isLingering(scope))
        ? ['lingering stays enabled; if nothing else needs it: loginctl disable-linger']
        : []),
      ...(status === undefined ? [] : [`a portald that is no service still runs (process ${status.pid})`]),
    ];
    tellReport(
      invocation.output,
      {
        done: done.length === 0 ? ['portald is no service here: there is nothing to uninstall'] : done,
        remarks,
        warnings: status === undefined ? unattended(running, before?.pid) : [],
        ...(done.length > 0 && { undo: daemonCommand('install', scope) }),
      },
      daemonView(scope.environment, status, manager, left),
    );
    return exitCodes.done;
  },
};
