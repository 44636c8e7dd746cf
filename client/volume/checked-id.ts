// An id as the user gave it, by the contract's own pattern.
import { usageError } from '../arguments.ts';

/** Throws PortalError `usage` if `given` is not of the form that `schema` wants. */
export function checkedId(
  given: string,
  { pattern, form }: { readonly pattern: string; readonly form: string },
): string {
  if (new RegExp(pattern).test(given)) return given;
  throw usageError(
    `"${given}" is not ${form}`,
    'portalctl volume list --all lists the volumes, with --snapshots the snapshots',
  );
}
