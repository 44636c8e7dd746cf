// portalctl daemon start: by the service manager if portald is its service, else in the background.
import { PortalError } from '../../protocol/errors.ts';
import { socketPath } from '../../protocol/paths.ts';
import { exitCodes } from '../exit-codes.ts';
import { onAnotherSocket } from '../lock-holder.ts';
import { startInBackground } from './background.ts';
import { noManager } from './find-manager.ts';
import { daemonView, tellReport } from './report.ts';
import { type DaemonStatus, findRunning, justStarting, processOf, untilAnswers } from './running.ts';
import { daemonCommand } from './scope.ts';
import type { Circumstances, Verb } from './verb.ts';

export const start: Verb = {
  options: ['system'],
  changes: true,
  isAboutSocket: true,
  async run(circumstances) {
    const { invocation, scope, manager } = circumstances;
    const found = await findRunning(scope.environment);
    if (found.trouble !== undefined) throw found.trouble;
    const before = found.status ?? (await justStarting(scope.environment));
    const started = before === undefined ? await startIt(circumstances) : undefined;
    const status = before ?? started?.status;
    tellReport(
      invocation.output,
      {
        done: started?.done ?? [`portald runs already (process ${before?.pid})`],
        remarks: started?.remarks ?? [],
        ...(started !== undefined && { undo: daemonCommand('stop', scope) }),
      },
      daemonView(scope.environment, status, manager, await manager?.look()),
    );
    return exitCodes.done;
  },
};

export interface Started {
  readonly status: DaemonStatus | undefined;
  readonly done: readonly string[];
  readonly remarks: readonly string[];
}

/** Starts what does not run. Throws PortalError. */
export async function startIt({ scope, manager }: Omit<Circumstances, 'invocation'>): Promise<Started> {
  const elsewhere = processOf({}, scope.environment);
  if (elsewhere !== undefined && elsewhere !== (await manager?.look())?.pid) {
    const { message, hint } = onAnotherSocket(elsewhere, socketPath(scope.environment));
    throw new PortalError('service', message, { hint });
  }
  if (manager !== undefined && (await manager.look()).file !== undefined) {
    await manager.start();
    const status = await untilAnswers(scope.environment);
    return { status, done: [`started ${manager.service} (process ${status?.pid})`], remarks: [] };
  }
  if (scope.systemUser !== undefined)
    throw manager === undefined
      ? noManager(scope)
      : new PortalError('service', `portald is no service of the machine for ${scope.systemUser}`, {
          hint: daemonCommand('install', scope),
        });
  const status = await startInBackground(scope.environment);
  return {
    status,
    done: [`started portald in the background (process ${status.pid}); its log: portalctl daemon logs`],
    remarks: [
      manager === undefined
        ? 'it runs until it is stopped, or this machine is restarted'
        : 'it does not outlive a restart of this machine: as a service it would (portalctl daemon stop, then install)',
    ],
  };
}
