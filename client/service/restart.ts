// portalctl daemon restart: ends portald and starts it anew, as after an upgrade; portals stay open.
import type { Environment } from '../../protocol/paths.ts';
import { exitCodes } from '../exit-codes.ts';
import { packageVersion } from '../version.ts';
import { checkConfiguration } from './background.ts';
import { refuseOtherFolder } from './other-folder.ts';
import { daemonView, tellReport } from './report.ts';
import { findRunning, untilAnswers } from './running.ts';
import { environmentOfService } from './same-socket.ts';
import { daemonCommand } from './scope.ts';
import { startIt } from './start.ts';
import { stopIt } from './stop.ts';
import type { Circumstances, Verb } from './verb.ts';

export const restart: Verb = {
  options: ['system'],
  changes: true,
  isAboutSocket: true,
  async run(circumstances) {
    const { invocation, scope, manager } = circumstances;
    const { done, remarks } = await restartIt(circumstances);
    const status = await untilAnswers(scope.environment);
    const own = packageVersion();
    tellReport(
      invocation.output,
      {
        done,
        remarks,
        warnings:
          status?.version === own
            ? []
            : [
                `portald is of version ${status?.version}, portalctl of ${own}: ${daemonCommand('install', scope)}`,
              ],
      },
      daemonView(scope.environment, status, manager, await manager?.look()),
    );
    return exitCodes.done;
  },
};

async function restartIt(
  circumstances: Circumstances,
): Promise<{ done: readonly string[]; remarks: readonly string[] }> {
  const { scope, manager } = circumstances;
  const { status } = await findRunning(scope.environment);
  const state = await manager?.look();
  const isService = manager !== undefined && status !== undefined && status.pid === state?.pid;
  if (!isService) refuseOtherFolder(status, 'restart', scope);
  // Another user's configuration is not ours to read.
  if (scope.systemUser === undefined) await checkConfiguration(await environmentOfNext(circumstances));
  if (isService) {
    await manager.restart();
    return { done: [`restarted ${manager.service}; portals stayed open`], remarks: [] };
  }
  const stopped = await stopIt(circumstances);
  const { done, remarks } = await startIt(circumstances);
  return { done: [...(stopped?.done ?? []), ...done], remarks };
}

/** The environment of the portald that will be started. */
async function environmentOfNext({ scope, manager }: Circumstances): Promise<Environment> {
  if (manager === undefined || (await manager.look()).file === undefined) return scope.environment;
  return environmentOfService(scope.environment, manager);
}
