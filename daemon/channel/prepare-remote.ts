// What a pass needs to know of the instance, asked in one session: its rsync, what the path is there, and that the
// folder which receives exists.
import { PortalError } from '../../protocol/errors.ts';
import { visibleText } from '../../protocol/visible-text.ts';
import type { ChannelTransport } from '../portal/gateways.ts';
import { adviceFor } from './advice.ts';
import { askInstance } from './ask-instance.ts';
import type { ChildResult } from './child.ts';
import { escaped, readLine } from './escaped-line.ts';
import { unmountedError } from './mount-check.ts';

export interface RemoteFacts {
  /** First line of `rsync --version`. */
  readonly rsyncVersion: string;
  /** What the path names there. */
  readonly kind: 'folder' | 'other' | 'missing';
  /** It is a folder with nothing in it but what mkfs makes; false for one that receives. */
  readonly isEmpty: boolean;
  /** Of the folder that is read; another machine's is another one. Empty for what receives. */
  readonly identity: string;
}

const marker = 'portald:prepared';

/** Installs rsync by the package manager of the distribution; all that it says goes to standard error. */
const installer = [
  'as=; if [ "$(id -u)" -gt 0 ]; then as="sudo -n"; fi',
  // On a first boot others are at work with apt, too.
  'wait="-o DPkg::Lock::Timeout=120"',
  'if command -v apt-get; then $as apt-get install -y -q $wait rsync || { $as apt-get update -q && $as apt-get install -y -q $wait rsync; }',
  'elif command -v dnf; then $as dnf install -y -q rsync',
  'elif command -v yum; then $as yum install -y -q rsync',
  'elif command -v zypper; then $as zypper --non-interactive install rsync',
  'elif command -v apk; then $as apk add rsync',
  'else echo "no package manager that is known"; fi',
].join('; ');

// Any login shell sees one single-quoted word without line breaks, backslashes or exclamation marks; the paths come by
// standard input, escaped for printf %b and closed by a full stop that keeps their own line breaks.
const script = [
  readLine('path'),
  readLine('folder'),
  readLine('installs'),
  readLine('source'),
  `echo ${marker}`,
  'if [ -n "$folder" ]; then mkdir -p "$folder" || exit 1; fi',
  'kind=missing',
  'if [ -e "$path" ] || [ -L "$path" ] || [ -f "${path%/}" ]; then kind=other; fi',
  'if [ -d "$path" ]; then kind=folder; fi',
  'if [ "$kind" = folder ] && [ -L "${path%/}" ]; then kind=link; fi',
  'empty=; if [ "$source" = 1 ] && [ -d "$path" ] && [ -z "$(ls -A "$path" 2>/dev/null | grep -vx lost+found | head -c 1)" ]; then empty=empty; fi',
  'identity=; if [ "$source" = 1 ]; then identity="$(ls -di "$path/." 2>/dev/null | { read -r inode rest; echo "$inode"; }) $(cat /proc/sys/kernel/random/boot_id 2>/dev/null)"; fi',
  'echo "$kind $empty"',
  'echo "$identity"',
  `if [ "$installs" = 1 ]; then command -v rsync >/dev/null || { ${installer}; } </dev/null >&2; fi`,
  'rsync --version 2>/dev/null | head -n 1',
].join('; ');

export interface WantedRemote {
  readonly path: string;
  /** Is made; an empty text makes none. */
  readonly folder: string;
  /** rsync is installed if there is none. */
  readonly installs: boolean;
  /** `path` is what is read. */
  readonly isSource: boolean;
}

/**
 * Looks at `path` on the instance and makes `folder` there.
 * @throws {PortalError} of kind `channel`
 */
export async function prepareRemote(
  transport: ChannelTransport,
  { path, folder, installs, isSource }: WantedRemote,
  options: { environment: NodeJS.ProcessEnv; signal: AbortSignal; limitMs: number },
): Promise<RemoteFacts> {
  const input = `${escaped(path)}\n${escaped(folder)}\n${installs ? 1 : 0}\n${isSource ? 1 : 0}\n`;
  const result = await askInstance(transport, { script, input, limitMs: options.limitMs }, options);
  const [, answer] = result.stdout.split(`${marker}\n`);
  if (result.code !== 0 || answer === undefined) throw failure(result, folder);
  const [facts = '', identity = '', rsyncVersion = ''] = answer.split('\n');
  const [kind, empty] = facts.split(' ');
  if (rsyncVersion === '') {
    const said = visibleText(result.stderr.trim().split('\n').at(-1)?.slice(0, 300) ?? '');
    const missing = 'rsync is not installed on the instance';
    throw new PortalError('channel', installs ? `${missing}, and cannot be: ${said}` : missing, {
      hint: installs
        ? 'use an image with rsync, or one on which it can be installed'
        : "use an image with rsync, install it there, or write `install_rsync: true` into portald's configuration",
    });
  }
  // Like rsync, a link to a folder is followed only by a path that ends with a slash.
  const isFolder = kind === 'folder' || (kind === 'link' && path.endsWith('/'));
  return {
    rsyncVersion,
    kind: isFolder ? 'folder' : kind === 'missing' ? 'missing' : 'other',
    isEmpty: empty === 'empty',
    identity: identity.slice(0, 100),
  };
}

function failure({ code, stdout, stderr }: ChildResult, folder: string): PortalError {
  const unmounted = unmountedError(stderr);
  if (unmounted !== undefined) return unmounted;
  const said = visibleText((stderr.trim() || stdout.trim()).slice(0, 300));
  const doing = folder === '' ? 'asking the instance' : `preparing ${visibleText(folder)} on the instance`;
  const hint = adviceFor(stderr, 'out');
  return new PortalError(
    'channel',
    `${doing} failed: ${said || `ssh ended with code ${String(code)}`}`,
    hint === undefined ? {} : { hint },
  );
}
