// The one answer to a name that no portal has.
import { PortalError } from './errors.ts';
import { nearestName } from './nearest-name.ts';

/** `known` are the names that there are. */
export function unknownPortal(name: string, known: readonly string[]): PortalError {
  const nearest = nearestName(name, known);
  const hint =
    nearest !== undefined
      ? `did you mean "${nearest}"?`
      : known.length > 0
        ? 'portalctl list shows those there are'
        : 'there is none yet; open one: portalctl open NAME';
  return new PortalError('unknown-portal', `there is no portal named ${name}`, { hint });
}
