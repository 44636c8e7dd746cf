// Keeps portald's own files and the portals' private keys out of every channel: an instance must neither get nor change them.
// Besides, each synchronisation writes to portald's state folder, so a channel with it would never come to rest.
import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PortalError } from '../../protocol/errors.ts';
import { neverCarried } from '../../protocol/specification/local-sides.ts';
import { partsBelow, partsOf } from '../../protocol/specification/places.ts';
import type { ChannelSpecification } from '../../protocol/specification/schema.ts';
import { visibleText } from '../../protocol/visible-text.ts';
import { foldsCase, inEveryCase } from './case-folding.ts';
import { baseName, literal, namePrefix } from './rsync-arguments.ts';

/** A channel as rsync is to run it, and which own files lie in its folder here, relative to it. */
export interface GuardedChannel {
  readonly channel: ChannelSpecification;
  readonly ownFiles: readonly string[];
}

/**
 * Excludes what lies in the channel's folder of `ownPaths`, which are absolute, as they are now: links are followed. Where an
 * instance sends to a file system that folds case, what is excluded is in every case. Throws
 * PortalError `local-path` if the channel's folder is one of them or lies in one.
 */
export async function guardOwnFiles(
  channel: ChannelSpecification,
  ownPaths: readonly string[],
): Promise<GuardedChannel> {
  const folder = partsOf(await realPath(channel.local_path));
  const names: string[] = [];
  for (const path of new Set(ownPaths)) {
    const real = partsOf(await realPath(path));
    if (partsBelow(real, folder) !== undefined) throw carriesOwn(channel, path);
    const below = partsBelow(folder, real);
    if (below !== undefined) names.push(below.join('/'));
  }
  const ownFiles = [...new Set(names)]
    .filter((name) => !names.some((one) => name.startsWith(`${one}/`)))
    .toSorted();
  const guarded = excluding(channel, ownFiles);
  if (channel.direction === 'out' || guarded.exclude === undefined) return { channel: guarded, ownFiles };
  const exclude = (await foldsCase(channel.local_path)) ? inEveryCase(guarded.exclude) : guarded.exclude;
  return { channel: { ...guarded, exclude }, ownFiles };
}

/** `names` are relative to the channel's folder here. Pure. */
export function excluding(channel: ChannelSpecification, names: readonly string[]): ChannelSpecification {
  if (names.length === 0) return channel;
  const own = names.flatMap((name) => namesToRsync(channel, name)).map((name) => `/${literal(name)}`);
  // The first rule that applies decides, and `!` takes back those before it (rsync's manual, FILTER RULES).
  const given = (channel.exclude ?? []).flatMap((rule) => (rule === '!' ? [rule, ...own] : [rule]));
  return { ...channel, exclude: [...own, ...given] };
}

/** What a file of the folder here can be called where rsync's names begin. */
function namesToRsync(channel: ChannelSpecification, name: string): string[] {
  const { direction, local_path: here, remote_path: there, recursive: isRecursive = false } = channel;
  if (direction === 'out') return [`${namePrefix(here, isRecursive)}${name}`];
  // The files of a folder that is named without a slash come into a folder of its name.
  const inner = `${baseName(there)}/`;
  const isInner = !isRecursive && inner !== '/' && name.startsWith(inner);
  return isInner ? [name, name.slice(inner.length)] : [name];
}

/** What is never carried, in words; undefined for nothing. */
export function neverCarriedText(ownFiles: readonly string[]): string | undefined {
  if (ownFiles.length === 0) return undefined;
  const shown = visibleText(ownFiles.slice(0, 3).join(', '));
  const more = ownFiles.length > 3 ? ` and ${ownFiles.length - 3} more` : '';
  return `never carried, as portald's own or a private key: ${shown}${more}`;
}

function carriesOwn({ local_path: path }: ChannelSpecification, own: string): PortalError {
  return new PortalError('local-path', neverCarried(path, own), {
    hint: 'name another folder in channels[].local_path',
  });
}

/** Without links, also of what is not there (yet). */
async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const folder = dirname(path);
    return folder === path ? path : join(await realPath(folder), basename(path));
  }
}
