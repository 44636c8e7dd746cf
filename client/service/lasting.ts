// Which folders are still there after the next boot: what a service is told of must not end with a login. Pure.
import type { Environment } from '../../protocol/paths.ts';

/** Version managers link the programs of one shell there (fnm), or everything of one run (npx). */
const ofOneShell = /\/(fnm_multishells|_npx)\//;

/** Whether `path` lies in a place that is emptied at the end of a session or at a boot. */
export function isPassing(path: string, environment: Environment): boolean {
  const places = ['/tmp', '/run/user', '/private/tmp', '/var/folders', '/private/var/folders'];
  const own = [environment['XDG_RUNTIME_DIR'], environment['TMPDIR']].filter(
    (one) => one?.startsWith('/') === true,
  );
  return (
    ofOneShell.test(`${path}/`) ||
    [...places, ...own].some((place) => `${path}/`.startsWith(`${place?.replace(/\/+$/, '')}/`))
  );
}
