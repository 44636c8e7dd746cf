// What a verb of `portalctl daemon` did, in words and in JSON.
import type { Environment } from '../../protocol/paths.ts';
import { socketPath } from '../../protocol/paths.ts';
import type { Output } from '../output.ts';
import type { DaemonStatus } from './running.ts';
import type { ServiceManager, ServiceState } from './service-manager.ts';

export interface Report {
  /** A sentence each. */
  readonly done: readonly string[];
  /** What is good to know, a sentence each. */
  readonly remarks?: readonly string[];
  readonly warnings?: readonly string[];
  /** The command that undoes it. */
  readonly undo?: string;
}

export function tellReport(
  output: Output,
  { done, remarks = [], warnings = [], undo }: Report,
  daemon: DaemonView,
): void {
  if (output.json) {
    output.value({ done, remarks, warnings, ...(undo !== undefined && { undo }), daemon });
    return;
  }
  for (const line of done) output.line(line);
  for (const line of remarks) output.line({ text: line, style: 'dim' });
  if (undo !== undefined) output.line({ text: `to undo it: ${undo}`, style: 'dim' });
  for (const line of warnings) output.complain({ text: 'warning: ', style: 'yellow' }, line);
}

/** portald as a process, the way `--json` has it. */
export interface DaemonView {
  readonly isRunning: boolean;
  /** Who runs it: `systemd`, `launchd`, `nobody` (in the background or a terminal). */
  readonly managedBy?: 'systemd' | 'launchd' | 'nobody';
  readonly service?: { readonly name: string; readonly file: string; readonly isEnabled: boolean };
  readonly pid?: number;
  readonly startedAt?: string;
  readonly version?: string;
  readonly socket: string;
  readonly stateFolder?: string;
  readonly logFile?: string;
  /** Names of the portals that are not closed. */
  readonly portals?: readonly string[];
}

export function daemonView(
  environment: Environment,
  status: DaemonStatus | undefined,
  manager: ServiceManager | undefined,
  state: ServiceState | undefined,
): DaemonView {
  const kind = manager?.name === 'launchd' ? 'launchd' : 'systemd';
  return {
    isRunning: status !== undefined,
    ...(status !== undefined && { managedBy: status.pid === state?.pid ? kind : 'nobody' }),
    ...(manager !== undefined &&
      state?.file !== undefined && {
        service: { name: manager.service, file: state.file, isEnabled: state.isEnabled },
      }),
    ...(status !== undefined && {
      pid: status.pid,
      startedAt: status.startedAt,
      version: status.version,
    }),
    socket: socketPath(environment),
    ...(status !== undefined && {
      stateFolder: status.stateFolder,
      logFile: status.logFile,
      portals: portalsAtWork(status),
    }),
  };
}

/** Names of the portals that are not closed: they cost something. */
export function portalsAtWork({ portals }: DaemonStatus): string[] {
  return portals.filter(({ state }) => state !== 'closed').map(({ name }) => name);
}
