// The exit codes of the contract.
import type { ErrorKind } from '../protocol/errors.ts';

export const exitCodes = {
  done: 0,
  failed: 1,
  wrongUse: 2,
  noDaemon: 3,
  noSuchPortal: 4,
  /** 128 + SIGINT, as shells have it. */
  interrupted: 130,
} as const;

/** The exit code for an error of this kind. */
export function exitCodeOf(kind: ErrorKind): number {
  switch (kind) {
    case 'usage':
    case 'specification-invalid':
      return exitCodes.wrongUse;
    case 'no-daemon':
      return exitCodes.noDaemon;
    case 'unknown-portal':
      return exitCodes.noSuchPortal;
    default:
      return exitCodes.failed;
  }
}
