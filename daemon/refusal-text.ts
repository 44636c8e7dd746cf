// Why portald does not start, in the same words as portalctl has them.
import type { PortalError } from '../protocol/errors.ts';
import { visibleText } from '../protocol/visible-text.ts';

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
