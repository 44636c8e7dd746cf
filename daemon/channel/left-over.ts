// What an rsync leaves that was killed outright, or went down with its machine: the copy it was writing, `.NAME.XXXXXX`,
// beside NAME. Only what was written since a synchronisation that did not end well is looked at, once a later one has:
// then whatever was sent is there under its own name.
import { PortalError } from '../../protocol/errors.ts';
import type { SshTransport } from '../portal/gateways.ts';
import { type ChildOptions, runChild } from './child.ts';
import { escaped, readLine } from './escaped-line.ts';

export interface Suspected {
  /** Into which rsync writes, where it lies; ends with a slash. */
  readonly folder: string;
  /** Below it, too. */
  readonly isRecursive: boolean;
  /** Since the first synchronisation that did not end well. */
  readonly ageMs: number;
}

// rsync gives such a copy no rights of group and others (receiver.c, INITACCESSPERMS) and the owner's with writing
// (syscall.c, do_mkstemp); it takes off a full stop at the name's beginning first (receiver.c, get_tmpname).
const script = [
  readLine('folder'),
  readLine('depth'),
  readLine('minutes'),
  readLine('remove'),
  'LC_ALL=C; export LC_ALL',
  'exec find "$folder" $depth -type f -links 1 -mmin "-$minutes"' +
    ` -name ".?*.${'[A-Za-z0-9]'.repeat(6)}"` +
    ' "(" -perm 600 -o -perm 700 -o -perm 200 -o -perm 300 ")"' +
    ' -exec sh -c "$remove" sh "{}" +',
].join('; ');

const remove = [
  'for copy do name=${copy##*/.}; name=${copy%/*}/${name%.??????}; hidden=${name%/*}/.${name##*/}',
  'if [ -f "$name" ] || [ -f "$hidden" ]; then rm -f -- "$copy"; fi',
  'done',
].join('\n');

/**
 * Removes such copies, on the instance by `transport`, else here.
 * @throws {PortalError} of kind `channel`
 */
export async function removeLeftOver(
  transport: SshTransport | undefined,
  { folder, isRecursive, ageMs }: Suspected,
  options: Pick<ChildOptions, 'environment' | 'signal'>,
): Promise<void> {
  const shell =
    transport === undefined
      ? ['sh', '-c', script]
      : [...transport.command, '--', transport.destination, `exec sh -c '${script}'`];
  // A minute more for clocks that are not quite the same.
  const minutes = Math.ceil(ageMs / 60_000) + 1;
  const given = [folder, isRecursive ? '' : '-maxdepth 1', String(minutes), remove];
  const input = given.map((text) => `${escaped(text)}\n`).join('');
  const { code, stderr } = await runChild(shell, { ...options, input });
  // A folder that may not be read, or is gone meanwhile, gives 1: all others were looked at.
  if (code === null || code > 1) {
    throw new PortalError('channel', `looking for left copies failed: ${stderr.slice(0, 300)}`);
  }
}
