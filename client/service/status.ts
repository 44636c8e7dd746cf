// portalctl daemon status: whether portald runs, since when, and who looks after it.
import { durationText } from '../duration.ts';
import { exitCodes } from '../exit-codes.ts';
import { field } from '../field.ts';
import { onAnotherSocket } from '../lock-holder.ts';
import type { Piece } from '../output.ts';
import { startHint } from '../start-hint.ts';
import { packageVersion } from '../version.ts';
import { hasOtherFolder } from './other-folder.ts';
import { type DaemonView, daemonView } from './report.ts';
import { findRunning, processOf } from './running.ts';
import { daemonCommand, type Scope } from './scope.ts';
import type { Verb } from './verb.ts';

export const status: Verb = {
  options: ['system'],
  changes: false,
  isAboutSocket: true,
  async run({ invocation: { output }, scope, manager }) {
    const { status: running, trouble } = await findRunning(scope.environment);
    if (trouble !== undefined) throw trouble;
    const view = daemonView(scope.environment, running, manager, await manager?.look());
    const clientVersion = packageVersion();
    if (output.json) output.value({ ...view, clientVersion });
    else for (const pieces of lines(view, clientVersion, scope)) output.line(...pieces);
    if (view.isRunning) return exitCodes.done;
    const elsewhere = processOf({}, scope.environment);
    if (elsewhere !== undefined) {
      const { message, hint } = onAnotherSocket(elsewhere, view.socket);
      output.complain({ text: 'warning: ', style: 'yellow' }, `${message} (${hint})`);
    } else if (!output.json)
      output.complain(`hint: ${scope.systemUser === undefined ? startHint : daemonCommand('start', scope)}`);
    return exitCodes.noDaemon;
  },
};

function lines(view: DaemonView, clientVersion: string, scope: Scope): (readonly Piece[])[] {
  const { version, pid, startedAt = '', stateFolder, logFile, portals = [] } = view;
  const up = durationText(Date.now() - Date.parse(startedAt));
  const isOther = view.isRunning && version !== clientVersion;
  return [
    view.isRunning
      ? [{ text: `portald ${version} runs`, style: 'green' }, `: process ${pid}, up ${up}`]
      : ['portald does not run'],
    field('managed by', managerText(view, scope)),
    ...(isOther
      ? [field('portalctl', `${clientVersion}, another version: ${daemonCommand('restart', scope)}`)]
      : []),
    ...(view.isRunning
      ? [field('portals', portals.length === 0 ? 'none that is not closed' : portals.join(', '))]
      : []),
    field('socket', view.socket),
    ...(stateFolder === undefined ? [] : [field('state folder', stateFolder)]),
    ...(logFile === undefined ? [] : [field('log', logFile)]),
  ];
}

function managerText(
  { isRunning, managedBy, service, stateFolder: folder }: DaemonView,
  scope: Scope,
): string {
  const installed =
    service === undefined
      ? undefined
      : `${service.name} (${service.file}), ${service.isEnabled ? 'enabled' : 'not enabled'}`;
  if (!isRunning) return installed ?? 'nobody: it is no service here';
  if (managedBy !== 'nobody') return `${managedBy}: ${installed}`;
  if (hasOtherFolder(folder, scope))
    return 'somebody else: it was started with another state folder than this shell names';
  const itself = 'nobody: it was started in the background, or in a terminal';
  return installed === undefined ? itself : `${itself}, not as ${installed}`;
}
