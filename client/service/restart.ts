// portalctl daemon restart: ends portald and starts it anew, as after an upgrade; portals stay open.
import { exitCodes } from '../exit-codes.ts';
import { packageVersion } from '../version.ts';
import { checkConfiguration } from './background.ts';
import { daemonView, tellReport } from './report.ts';
import { findRunning, untilAnswers } from './running.ts';
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
  if (manager !== undefined && status !== undefined && status.pid === state?.pid) {
    await manager.restart();
    return { done: [`restarted ${manager.service}; portals stayed open`], remarks: [] };
  }
  if (manager === undefined) await checkConfiguration(scope.environment);
  const stopped = await stopIt(circumstances);
  const { done, remarks } = await startIt(circumstances);
  return { done: [...(stopped?.done ?? []), ...done], remarks };
}
