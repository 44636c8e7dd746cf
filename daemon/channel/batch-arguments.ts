// The two ends of an armed batch in rsync's words: the writer here makes the batch of the named files, the reader on the
// instance applies it. Pure.

import { isAtLeast, type RsyncVersion } from '../../protocol/rsync-version.ts';
import type { ChannelSpecification } from '../../protocol/specification/schema.ts';
import { readLine } from './escaped-line.ts';
import { asFolder, baseName, contentWords, namePrefix, remotePath } from './rsync-arguments.ts';

// The batch carries them too: they are the same on both ends. Whole files, since a delta would need an answer first; and
// named ones always, since a second save within the clock's grain would be taken for the first.
export const common = ['-lptWRI'] as const;

/** Else the times of links and folders count as the same within a second, and are left as they were made there. */
const wholeTimes = '--modify-window=-1';

/** From the end of what is sent to the end of the reader. */
const cutSeconds = 5;

/** For a reader that failed, to remove what it has begun. */
const graceSeconds = 1;

/** The reader ends by itself so long after its last byte, if it never learns that the connection is gone. */
export const readerTimeoutSeconds = 120;

/** The protocol of batches between these two; undefined for those that have not been tried. */
export function batchProtocol(
  here: RsyncVersion | undefined,
  there: RsyncVersion | undefined,
): number | undefined {
  const oldest = [3, 2, 0] as const;
  if (here === undefined || there === undefined) return undefined;
  if (!isAtLeast(here, oldest) || !isAtLeast(there, oldest)) return undefined;
  return Math.min(here.protocol, there.protocol);
}

/** `root` ends with a slash. */
export function writerWords(
  root: string,
  files: { readonly batch: string; readonly empty: string },
  protocol: number,
): string[] {
  return [
    'rsync',
    ...common,
    '--files-from=-',
    '--from0',
    `--protocol=${protocol}`,
    '--checksum-choice=md5',
    `--only-write-batch=${files.batch}`,
    '--',
    root,
    `${files.empty}/`,
  ];
}

/**
 * For a shell on the instance whose standard input is the folder's path, escaped, in a line, and then the batch. With a
 * `mountCheck`, that folder is entered before, and is what is written to, whatever is unmounted while the batch is waited for.
 */
export function readerScript(mountCheck: string): string {
  const enter = mountCheck === '' ? '' : `cd "$path" || exit 1; path=.; ${mountCheck}`;
  return `${readLine('path')}; ${enter}${reader}`;
}

const reader = [
  // A batch that is cut makes rsync wait for the rest: what feeds it ends it.
  'exec 3<&0',
  'pipe=$(mktemp -d) && mkfifo "$pipe/batch" && exec 4<>"$pipe/batch" 5<"$pipe/batch" 6>"$pipe/batch" 4<&- && rm -r "$pipe" || exit 1',
  `$(command -v setsid) rsync ${common.join(' ')} ${wholeTimes} --timeout=${readerTimeoutSeconds} --read-batch=- -- "$path" <&5 3<&- 5<&- 6>&- & reader=$!`,
  'stop() { kill $child; exit; }',
  `feed() { trap stop TERM; cat <&3 >&6 5<&- & child=$!; exec 5<&- 6>&-; wait $child; sleep ${cutSeconds} & child=$!; wait $child; kill $reader; }`,
  'feed >/dev/null 2>&1 & feeder=$!',
  'exec 3<&- 5<&- 6>&-',
  // Of an rsync that a signal ended, one of its two processes stays at times for ever (3.5.0), and would hold the session:
  // what is not over in time is killed, by the group that setsid made.
  'group() { kill -s $1 -- -$reader; }',
  `over() { exec 2>/dev/null; trap "" TERM; kill $feeder; [ $1 = 0 ] || { group 0 && sleep ${graceSeconds} && group KILL; }; exit $1; }`,
  'trap "kill $reader 2>/dev/null; over 143" TERM',
  'wait $reader; over $?',
].join('; ');

/**
 * Of the rsync here that reads an instance's batch: without -R it takes no absolute names and makes no folders that were
 * not named; and no program comes that runs as somebody else. What is only staged can be read and removed again.
 */
export function inboundReaderWords(folder: string, isStaged: boolean): string[] {
  const words = [
    '-lptWI',
    wholeTimes,
    `--chmod=ugo-s,-t${isStaged ? ',Du+rwx' : ''}`,
    `--timeout=${readerTimeoutSeconds}`,
    '--read-batch=-',
  ];
  return ['rsync', ...words, '--', folder];
}

/** Of the rsync that takes from there what a pull of the channel would take; it waits for `stagedName` on its standard input. */
export function unstagingWords(channel: ChannelSpecification, staged: string, localRoot: string): string[] {
  const inner = namePrefix(channel.remote_path, channel.recursive === true);
  const target = inner === '' ? localRoot : localRoot.slice(0, -inner.length);
  return ['rsync', '--files-from=-', '--from0', '-I', ...contentWords(channel, true), '--', staged, target];
}

/** Folders between which files go by their names, relative to both. */
export interface Roots {
  readonly localRoot: string;
  readonly remoteRoot: string;
  /** The source is this one file in the local folder; else all of that folder. */
  readonly file?: string;
}

/** Of a source folder: by the slash rule, the other side is a folder of its name in the remote path. */
export function rootsOfFolder(localPath: string, remote: string): Roots {
  const there = asFolder(remotePath(remote));
  return {
    localRoot: localPath,
    remoteRoot: localPath.endsWith('/') ? there : `${there}${baseName(localPath)}/`,
  };
}

/** Of a folder on the instance that is fetched. */
export function rootsOfRemoteFolder(localPath: string, remote: string): Roots {
  const there = remotePath(remote);
  const here = asFolder(localPath);
  return { localRoot: there.endsWith('/') ? here : `${here}${baseName(there)}/`, remoteRoot: there };
}

/**
 * Of a source that is one file; undefined if it has another name on the instance. Its name is told as it is, since `./`
 * before it would bring the folder's own mode, too; one with these signs at its beginning rsync would take for a remark.
 */
export function rootsOfFile(localPath: string, remote: string, isRemoteFolder: boolean): Roots | undefined {
  const file = baseName(localPath);
  if (/^[#;]/.test(file)) return undefined;
  const localRoot = localPath.slice(0, -file.length);
  const there = remotePath(remote);
  if (isRemoteFolder || there.endsWith('/')) return { localRoot, remoteRoot: asFolder(there), file };
  return baseName(there) === file ? { localRoot, remoteRoot: there.slice(0, -file.length), file } : undefined;
}
