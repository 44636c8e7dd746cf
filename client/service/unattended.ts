// What nobody looks after once portald has ended, and what goes on being billed.
import { portalsAtWork } from './report.ts';
import type { DaemonStatus } from './running.ts';

/** Warnings; `status`: what portald said before it ended, if it answered, `pid`: its process, if there was one. */
export function unattended(status: DaemonStatus | undefined, pid: number | undefined): string[] {
  if (status === undefined)
    return pid === undefined
      ? []
      : ['it did not answer: portals that are open go on being billed, and nobody looks after them'];
  const names = portalsAtWork(status);
  if (names.length === 0) return [];
  return [
    `not closed, and so billed as before, while nobody looks after interruptions and channels: ${names.join(', ')}; ` +
      'to end that: portalctl daemon start, then portalctl close --all',
  ];
}
