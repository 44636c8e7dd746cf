// Why portald does not start: in the same words as portalctl has them, and as the exit code that its service manager reads.
import type { ErrorKind, PortalError } from '../protocol/errors.ts';
import { visibleText } from '../protocol/visible-text.ts';

/** What only another environment or configuration cures. */
const hopeless: ReadonlySet<ErrorKind> = new Set(['configuration', 'usage', 'socket-path']);

/** 2 where starting it again would not help: no service manager should. */
export function refusalCode(kind: ErrorKind): 1 | 2 {
  return hopeless.has(kind) ? 2 : 1;
}

/** For stderr; `file` is where the mistakes are, if the error has any. */
export function refusalText({ message, hint, problems = [] }: PortalError, file: string): string {
  const lines = [
    ...problems.map(
      ({ line, column, path, message: mistake }) =>
        `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${mistake}`,
    ),
    `portald: ${message}`,
    ...(hint === undefined ? [] : [`hint: ${hint}`]),
  ];
  return lines.map((line) => `${visibleText(line)}\n`).join('');
}
