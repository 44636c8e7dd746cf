// portalctl daemon stop: ends portald in order; portals stay open.
import type { PortalError } from '../../protocol/errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { refuseOtherFolder } from './other-folder.ts';
import { daemonView, tellReport } from './report.ts';
import { end, findRunning, processOf } from './running.ts';
import { daemonCommand } from './scope.ts';
import { unattended } from './unattended.ts';
import type { Circumstances, Verb } from './verb.ts';

export const stop: Verb = {
  options: ['system'],
  changes: true,
  isAboutSocket: true,
  async run(circumstances) {
    const { invocation, scope, manager } = circumstances;
    const stopped = await stopIt(circumstances);
    tellReport(
      invocation.output,
      stopped === undefined
        ? { done: ['portald does not run'] }
        : { ...stopped, undo: daemonCommand('start', scope) },
      daemonView(scope.environment, undefined, manager, await manager?.look()),
    );
    return exitCodes.done;
  },
};

export interface Stopped {
  readonly done: readonly string[];
  readonly warnings: readonly string[];
}

/** Ends what runs; undefined if nothing does. Throws PortalError `service`, or why what answers cannot be told to end. */
export async function stopIt({
  scope,
  manager,
}: Omit<Circumstances, 'invocation'>): Promise<Stopped | undefined> {
  const found = await findRunning(scope.environment);
  const state = await manager?.look();
  const pid = processOf(found, scope.environment);
  if (manager !== undefined && state?.pid !== undefined && (pid ?? state.pid) === state.pid) {
    await manager.stop();
    return {
      done: [`stopped ${manager.service}; portals stay open`],
      warnings: unattended(found.status, state.pid),
    };
  }
  refuseOtherFolder(found.status, 'stop', scope);
  if (pid === undefined) {
    if (found.trouble !== undefined) throw found.trouble satisfies PortalError;
    return undefined;
  }
  await end(pid, scope.user.uid);
  return {
    done: [`ended portald (process ${pid}); portals stay open`],
    warnings: unattended(found.status, pid),
  };
}
