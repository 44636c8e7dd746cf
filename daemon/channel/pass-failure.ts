// Why a pass failed, from what its rsync said.
import { PortalError } from '../../protocol/errors.ts';
import { visibleText } from '../../protocol/visible-text.ts';
import { adviceFor } from './advice.ts';
import type { ChildResult } from './child.ts';
import { unmountedError } from './mount-check.ts';

/** Of kind `channel`, or `mount` for a volume that is not mounted. Pure. */
export function failure({ code, stderr }: ChildResult, direction: 'in' | 'out'): PortalError {
  const unmounted = unmountedError(stderr);
  if (unmounted !== undefined) return unmounted;
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const said = visibleText(lines.slice(0, 2).join('; ').slice(0, 400));
  if (/is your shell clean|protocol version mismatch/.test(stderr)) {
    return new PortalError(
      'channel',
      `the login shell on the instance prints text where rsync speaks: ${said}`,
      {
        hint: 'make its start-up files silent for sessions without a terminal',
      },
    );
  }
  const hint = adviceFor(stderr, direction);
  const ended = code === null ? 'rsync was killed' : `rsync ended with code ${code}`;
  return new PortalError('channel', said || ended, hint === undefined ? {} : { hint });
}
