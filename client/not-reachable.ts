// Why there is nothing to log in to, and what to do.
import { PortalError } from '../protocol/errors.ts';
import type { PortalView } from '../protocol/portal-view.ts';

/** `missing` is what was wanted of the instance. */
export function notReachable({ name, state }: PortalView, missing: string): PortalError {
  switch (state) {
    case 'closed':
    case 'failed':
      return new PortalError('portal-conflict', `${name} is ${state}: there is no instance`, {
        hint: `open it: portalctl open ${name}`,
      });
    case 'closing':
      return new PortalError('portal-conflict', `${name} is being closed`, {
        hint: `open it again: portalctl open ${name}`,
      });
    case 'opening':
      return new PortalError('portal-conflict', `${name} is still opening, and has ${missing} yet`, {
        hint: `wait for it: portalctl open ${name}`,
      });
    case 'recovering':
      return new PortalError(
        'portal-conflict',
        `${name} is moving to another instance, and has ${missing} now`,
        {
          hint: `see how it goes: portalctl events ${name} --follow`,
        },
      );
    case 'open':
      return new PortalError('ssh', `${name} has ${missing} now: portald is not connected to its instance`, {
        hint: `portald tries again; see why: portalctl why ${name}`,
      });
  }
}
