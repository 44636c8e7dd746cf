// What a pass needs to know of the instance, asked in one session: its rsync, what the path is there, and that the
// folder which receives exists.
import { PortalError } from '../../protocol/errors.ts';
import { visibleText } from '../../protocol/visible-text.ts';
import type { SshTransport } from '../portal/gateways.ts';
import { type ChildResult, runChild } from './child.ts';
import { escaped, readLine } from './escaped-line.ts';

export interface RemoteFacts {
  /** First line of `rsync --version`. */
  readonly rsyncVersion: string;
  /** What the path names there. */
  readonly kind: 'folder' | 'other' | 'missing';
}

const marker = 'portald:prepared';

// Any login shell sees one single-quoted word without line breaks, backslashes or exclamation marks; the paths come by
// standard input, escaped for printf %b and closed by a full stop that keeps their own line breaks.
const script = [
  readLine('path'),
  readLine('folder'),
  `echo ${marker}`,
  'if [ -n "$folder" ]; then mkdir -p "$folder" || exit 1; fi',
  'kind=missing',
  'if [ -e "$path" ] || [ -L "$path" ]; then kind=other; fi',
  'if [ -d "$path" ]; then kind=folder; fi',
  'if [ "$kind" = folder ] && [ -L "${path%/}" ]; then kind=link; fi',
  'echo "$kind"',
  'rsync --version 2>/dev/null | head -n 1',
].join('; ');

/**
 * Looks at `path` on the instance and makes `folder` there (an empty text makes none).
 * @throws {PortalError} of kind `channel`
 */
export async function prepareRemote(
  transport: SshTransport,
  { path, folder }: { path: string; folder: string },
  options: { environment: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<RemoteFacts> {
  const words = [...transport.command, '--', transport.destination, `exec sh -c '${script}'`];
  const result = await runChild(words, { ...options, input: `${escaped(path)}\n${escaped(folder)}\n` });
  const [, answer] = result.stdout.split(`${marker}\n`);
  if (result.code !== 0 || answer === undefined) throw failure(result, folder);
  const [kind = '', rsyncVersion = ''] = answer.split('\n');
  if (rsyncVersion === '') {
    throw new PortalError('channel', 'rsync is not installed on the instance', {
      hint: 'use an image with rsync, or install it there: sudo apt-get install rsync',
    });
  }
  // Like rsync, a link to a folder is followed only by a path that ends with a slash.
  const isFolder = kind === 'folder' || (kind === 'link' && path.endsWith('/'));
  return { rsyncVersion, kind: isFolder ? 'folder' : kind === 'missing' ? 'missing' : 'other' };
}

function failure({ code, stdout, stderr }: ChildResult, folder: string): PortalError {
  const said = visibleText((stderr.trim() || stdout.trim()).slice(0, 300));
  const doing = folder === '' ? 'asking the instance' : `preparing ${visibleText(folder)} on the instance`;
  return new PortalError('channel', `${doing} failed: ${said || `ssh ended with code ${String(code)}`}`);
}
