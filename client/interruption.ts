// The person at the terminal said Ctrl-C where an answer was expected.
import { PortalError } from '../protocol/errors.ts';

/** Told like any other cancellation; the exit code is that of a program that SIGINT ended. */
export class Interruption extends PortalError {
  constructor(message: string) {
    super('cancelled', message);
  }
}
