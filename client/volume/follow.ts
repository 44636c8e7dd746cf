// A request that takes its time: what portald does shows in the last line of a terminal, and Ctrl-C ends the waiting.
import { PortalError } from '../../protocol/errors.ts';
import type { CallOptions } from '../connection.ts';
import { exitCodes } from '../exit-codes.ts';
import { reportFailure } from '../failure.ts';
import { catchInterrupt } from '../interrupt.ts';
import type { Output } from '../output.ts';

/** `tell` prints the result. Resolves to the exit code; throws PortalError. */
export async function follow<T>(
  output: Output,
  call: (options: CallOptions) => Promise<T>,
  tell: (result: T) => void,
): Promise<number> {
  const interrupt = catchInterrupt();
  try {
    const result = await call({
      signal: interrupt.signal,
      onProgress: (message) => output.status(`${message} …`),
    });
    output.status(undefined);
    if (output.json) output.value(result);
    else tell(result);
    return exitCodes.done;
  } catch (error) {
    output.status(undefined);
    if (error instanceof PortalError && error.kind === 'no-daemon') throw askedAllTheSame(error);
    if (!interrupt.signal.aborted || !(error instanceof PortalError) || error.kind !== 'cancelled')
      throw error;
    reportFailure(output, error);
    return exitCodes.interrupted;
  } finally {
    interrupt.release();
  }
}

/** The answer is lost, the request perhaps not: who repeats it unlooked may pay for two. */
function askedAllTheSame(error: PortalError): PortalError {
  return new PortalError(error.kind, `${error.message}; AWS may have done it all the same`, {
    hint: [error.hint, 'before you ask again, see: portalctl volume list, with --snapshots the snapshots']
      .filter((line) => line !== undefined)
      .join('\n'),
    cause: error,
  });
}
