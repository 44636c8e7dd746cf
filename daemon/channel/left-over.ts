// What an rsync leaves that was killed outright, or went down with its machine: the copy it was writing, `.NAME.XXXXXX`,
// beside NAME. Only what was written since a synchronisation that did not end well is looked at (or since a portald began
// that was killed), once a later one has, and only what holds nothing of its own is removed: a copy that is the beginning of
// NAME as it is now, and stands still.
import { PortalError } from '../../protocol/errors.ts';
import type { ChannelTransport } from '../portal/gateways.ts';
import { askInstance, timedOut } from './ask-instance.ts';
import { type ChildOptions, runChild } from './child.ts';
import { escaped, readLine } from './escaped-line.ts';

export interface Suspected {
  /** Into which rsync writes, where it lies; ends with a slash. */
  readonly folder: string;
  /** The one file there that it writes; undefined for all, of which `isRecursive` tells how far below. */
  readonly file: string | undefined;
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
  readLine('file'),
  readLine('remove'),
  'limit=; if command -v timeout >/dev/null; then limit="timeout 10"; fi',
  'LC_ALL=C; export LC_ALL folder file',
  'exec $limit find "$folder" $depth -type f -links 1 -mmin "-$minutes"' +
    ` -name ".?*.${'[A-Za-z0-9]'.repeat(6)}"` +
    ' "(" -perm 600 -o -perm 700 -o -perm 200 -o -perm 300 ")"' +
    ' -exec sh -c "$remove" sh "{}" +',
].join('; ');

// Chance draws six of one kind, or a capital before small letters, in three copies of two hundred: people name files so, and
// those stay.
const remove = `
for copy do
  name=\${copy##*/.}
  suffix=\${name##*.}
  name=\${name%.??????}
  case $suffix in
    [A-Za-z][a-z][a-z][a-z][a-z][a-z]) continue ;;
    [A-Z][A-Z][A-Z][A-Z][A-Z][A-Z]) continue ;;
    [0-9][0-9][0-9][0-9][0-9][0-9]) continue ;;
  esac
  for whole in "\${copy%/*}/$name" "\${copy%/*}/.$name"; do
    [ -f "$whole" ] && [ ! -L "$whole" ] || continue
    [ -z "$file" ] || [ "\${whole##*/}" = "$file" ] || continue
    size=$(($(wc -c <"$copy")))
    head -c "$size" <"$whole" | cmp -s - "$copy" || continue
    sleep 1
    [ "$(($(wc -c <"$copy")))" = "$size" ] || continue
    rm -f -- "$copy"
    break
  done
done`;

/** For the answer, also of an instance that has no `timeout`. */
const limitMs = 60_000;

/**
 * Removes such copies, on the instance by `transport`, else here.
 * @throws {PortalError} of kind `channel`
 */
export async function removeLeftOver(
  transport: ChannelTransport | undefined,
  { folder, file, isRecursive, ageMs }: Suspected,
  options: Pick<ChildOptions, 'environment' | 'signal'>,
): Promise<void> {
  // A minute more for clocks that are not quite the same.
  const minutes = Math.ceil(Math.max(ageMs, 0) / 60_000) + 1;
  const depth = isRecursive && file === undefined ? '' : '-maxdepth 1';
  const given = [folder, depth, String(minutes), file ?? '', remove];
  const input = given.map((text) => `${escaped(text)}\n`).join('');
  const { code, stderr } = await (transport === undefined
    ? runChild(['sh', '-c', script], { ...options, input })
    : askInstance(transport, { script, input, limitMs }, options));
  // A folder that may not be read, or is gone meanwhile, gives 1: all others were looked at. A search that takes too long is
  // not made again: the tree is too large for what it is worth.
  if (code === null || (code > 1 && code !== timedOut)) {
    throw new PortalError('channel', `looking for left copies failed: ${stderr.slice(0, 300)}`);
  }
}
