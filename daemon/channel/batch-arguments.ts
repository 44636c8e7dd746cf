// The two ends of an armed batch in rsync's words: the writer here makes the batch of the named files, the reader on the
// instance applies it. Pure.
import { readLine } from './escaped-line.ts';
import { baseName, remotePath } from './rsync-arguments.ts';
import { isAtLeast, type RsyncVersion } from './rsync-version.ts';

// The batch carries them too: they are the same on both ends. Whole files, since a delta would need an answer first; and
// named ones always, since a second save within the clock's grain would be taken for the first.
const common = ['-lptWRI'] as const;

/** The reader ends by itself so long after its last byte: one whose batch was cut would wait for ever. */
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

/** For a shell on the instance whose standard input is the folder's path, escaped, in a line, and then the batch. */
export const readerScript = [
  readLine('path'),
  `exec rsync ${common.join(' ')} --timeout=${readerTimeoutSeconds} --read-batch=- -- "$path"`,
].join('; ');

/** The folder on the instance that receives what the local folder holds: by the slash rule, one of its name. */
export function remoteRoot(localPath: string, remote: string): string {
  const there = `${remotePath(remote).replace(/(.)\/+$/, '$1')}/`.replace(/^\/\/$/, '/');
  return localPath.endsWith('/') ? there : `${there}${baseName(localPath)}/`;
}
