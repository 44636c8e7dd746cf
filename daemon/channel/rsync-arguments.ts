// What a channel means in rsync's own words. Pure: the rules of the specification's document, as pinned down in the
// README, and nothing else.

import type { ChannelSpecification } from '../../protocol/specification/schema.ts';
import type { ChannelTransport } from '../portal/gateways.ts';
import { folderOnVolume, remoteRsync } from './mount-check.ts';

export interface RsyncFacts {
  /** Whether the source is a folder; a source path with a trailing slash always is. */
  readonly sourceIsFolder: boolean;
}

/**
 * Arguments of one rsync run that makes the destination what the channel says; with `isNamed`, of what is told to it on its
 * standard input.
 */
export function rsyncArguments(
  channel: ChannelSpecification,
  transport: ChannelTransport,
  facts: RsyncFacts,
  isNamed = false,
): string[] {
  const recursive = channel.recursive === true;
  const shallowFolder = facts.sourceIsFolder && !recursive;
  const { source, destination: given } = endpoints(channel, transport, shallowFolder);
  const folder = folderOnVolume(channel, transport.mounts, facts.sourceIsFolder);
  const program = remoteRsync(transport.mounts, folder);
  const destination = folder === undefined ? given : `${transport.destination}:.`;
  return [
    // What is gone again when it is looked for is no mistake.
    ...(isNamed ? ['--files-from=-', '--from0', '--ignore-missing-args'] : []),
    ...contentWords(channel, facts.sourceIsFolder),
    '--stats',
    '--info=progress2',
    // The remote side gets its paths as data, not through a shell.
    '-s',
    ...(channel.delete === true && facts.sourceIsFolder ? ['--delete'] : []),
    ...(program === undefined ? [] : [`--rsync-path=${program}`]),
    '-e',
    transport.command.map(remoteShellWord).join(' '),
    '--',
    isNamed ? '/' : source,
    destination,
  ];
}

/** What of a source comes to the destination, and how: the same for whatever brings it. */
export function contentWords(channel: ChannelSpecification, sourceIsFolder: boolean): string[] {
  const recursive = channel.recursive === true;
  return [
    '-lpt',
    // A file with holes is sent with its zeros, but does not fill the disk that it comes to.
    '--sparse',
    ...(recursive ? ['-r'] : []),
    // Without it two edits of the same size within a second would be taken for one.
    '--modify-window=-1',
    // A machine that sends to here must not plant a program that runs as somebody else.
    ...(channel.direction === 'in' ? ['--chmod=ugo-s,-t'] : []),
    ...(channel.exclude ?? []).map((pattern) => `--exclude=${pattern}`),
    ...(sourceIsFolder && !recursive ? ['--dirs', '--exclude=*/'] : []),
  ];
}

/** Tells rsync what to send of a source: these paths, relative to it, or all of it without them. */
export type NamesOf = (paths?: readonly string[]) => string;

/**
 * Undefined for what is no folder that is sent with what is in it, and where it cannot be told so. Names begin at the root
 * of everything, so that one who waits for them has not entered a folder yet that another may replace; what comes before
 * `/./` is not part of them (rsync's manual, --relative).
 */
export function namesOfSource(channel: ChannelSpecification, facts: RsyncFacts): NamesOf | undefined {
  const { direction, recursive, local_path } = channel;
  if (direction === 'in' || recursive !== true || !facts.sourceIsFolder) return undefined;
  const path = local_path.replaceAll(/\/(\.?\/)+/g, '/');
  const base = path.endsWith('/') ? '.' : baseName(path);
  if (base === '..' || !path.startsWith('/')) return undefined;
  const start = `${path.endsWith('/') ? path : path.slice(0, -base.length)}./${base}/`;
  return (paths = ['.']) => paths.map((name) => `${start}${name}\0`).join('');
}

/**
 * The folder on the instance that must be there before an outbound run, which makes only the last part by itself:
 * the parent of `remote`, or all of it for the files of a folder (`ofFolder`), which may go one level deeper.
 */
export function folderToMake(remote: string, ofFolder: boolean): string {
  const path = remote.replace(/(.)\/+$/, '$1');
  if (ofFolder) return path;
  const end = path.lastIndexOf('/');
  return end < 0 ? '.' : path.slice(0, end) || '/';
}

/** Where rsync writes. */
export interface Receiving {
  /** Ends with a slash. */
  readonly folder: string;
  /** The only file; undefined for what a folder holds. */
  readonly file: string | undefined;
}

/** On the side that receives. `ofFolder`: the source is a folder; `intoFolder`: the target is one already. */
export function receivingPlace(
  { direction, local_path: here, remote_path: remote }: ChannelSpecification,
  { ofFolder, intoFolder }: { readonly ofFolder: boolean; readonly intoFolder: boolean },
): Receiving {
  const there = remotePath(remote);
  const [source, target] = direction === 'out' ? [here, there] : [there, here];
  const inner = asFolder(target);
  if (ofFolder) {
    return { folder: source.endsWith('/') ? inner : `${inner}${baseName(source)}/`, file: undefined };
  }
  if (intoFolder || target.endsWith('/')) return { folder: inner, file: baseName(source) };
  const file = baseName(target);
  return { folder: target.slice(0, -file.length), file };
}

/** A path on the instance, relative to the login folder unless absolute; never an option, never `host::module`. */
export function remotePath(path: string): string {
  if (path === '~') return './';
  const relative = path.startsWith('~/') ? path.slice(2) : path;
  return relative.startsWith('/') ? relative : `./${relative}`;
}

function endpoints(
  channel: ChannelSpecification,
  transport: ChannelTransport,
  shallowFolder: boolean,
): { source: string; destination: string } {
  const there = remotePath(channel.remote_path);
  const [source, target] =
    channel.direction === 'out' ? [channel.local_path, there] : [there, channel.local_path];
  const named = shallowFolder && !source.endsWith('/');
  // rsync's --dirs makes a folder named without a slash and leaves it empty: its files are sent by a slash, into a
  // folder of its name.
  const shownSource = named ? `${source}/` : source;
  const shownTarget = named ? `${target.replace(/\/+$/, '')}/${baseName(source)}/` : target;
  const onInstance = (path: string): string => `${transport.destination}:${path}`;
  return channel.direction === 'out'
    ? { source: shownSource, destination: onInstance(shownTarget) }
    : { source: onInstance(literal(shownSource)), destination: shownTarget };
}

/** rsync expands wildcards of names and of patterns; a path of ours is meant as it stands. In one without wildcards a backslash is itself. */
export function literal(path: string): string {
  return /[*?[]/.test(path) ? path.replaceAll(/[\\*?[\]]/g, '\\$&') : path;
}

/** What the names in a source folder begin with to rsync's patterns: named without a slash at its end, it is their first part. */
export function namePrefix(source: string, isRecursive: boolean): string {
  return source.endsWith('/') || !isRecursive ? '' : `${baseName(source)}/`;
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function asFolder(path: string): string {
  return `${path.replace(/(.)\/+$/, '$1')}/`.replace(/^\/\/$/, '/');
}

/** rsync cuts its -e text at spaces; a quoted word is kept together, a doubled quote in it stands for itself. */
function remoteShellWord(word: string): string {
  return `'${word.replaceAll("'", "''")}'`;
}
