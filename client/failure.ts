// How portalctl tells that something went wrong: words on stderr, or one JSON document on stdout.
import { PortalError, type Problem } from '../protocol/errors.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { Interruption } from './interruption.ts';
import type { Output, Piece } from './output.ts';

/** Tells `error` and returns the exit code; `specificationFile` is where its problems are, if it has any. */
export function reportFailure(output: Output, error: unknown, specificationFile?: string): number {
  if (!(error instanceof PortalError)) {
    const message = error instanceof Error ? error.message : String(error);
    if (output.json) output.value({ error: { kind: 'internal', message, retryable: false } });
    else complain(output, `internal error: ${message}`, 'please report this');
    return exitCodes.failed;
  }
  const hint = error.hint ?? hintOf(error);
  if (output.json) {
    const { message } = error;
    const place =
      error.problems === undefined || specificationFile === undefined ? {} : { file: specificationFile };
    output.value({ error: { message, ...error.toData(), ...(hint !== undefined && { hint }), ...place } });
  } else {
    for (const problem of error.problems ?? [])
      output.complain(...problemLine(specificationFile ?? '', problem));
    complain(output, error.message, hint);
  }
  return error instanceof Interruption ? exitCodes.interrupted : exitCodeOf(error.kind);
}

/** `FILE:LINE:COLUMN: FIELD: MESSAGE`. */
export function problemLine(file: string, { line, column, path, message }: Problem): Piece[] {
  return [
    { text: `${file}:${line}:${column}: `, style: 'bold' },
    path === '' ? message : `${path}: ${message}`,
  ];
}

function complain(output: Output, message: string, hint: string | undefined): void {
  output.complain({ text: 'portalctl: ', style: 'red' }, message);
  for (const line of hint?.split('\n') ?? []) output.complain(`hint: ${line}`);
}

function hintOf(error: PortalError): string | undefined {
  return error.id === undefined ? undefined : `portald's log has the details under the id ${error.id}`;
}
