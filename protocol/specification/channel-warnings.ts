// What is worth a second thought in the channels of a valid specification. Pure; paths are compared by their names.
import type { Mistake } from '../validate.ts';
import { whyNotMeant } from './exclude-hints.ts';
import { absolutePath, partsBelow, partsOf } from './places.ts';
import type { Specification } from './schema.ts';

/** With what to do about it. */
export interface Warning extends Mistake {
  readonly hint: string;
}

/** Folders of a home that hold keys. */
const keyFolders = ['.ssh', '.aws', '.gnupg'];

/** `specification` has absolute local paths; `home` is the user's home folder. */
export function channelWarnings(
  { channels, spot_instance: { remote_user: user } }: Pick<Specification, 'channels' | 'spot_instance'>,
  home: string,
): Warning[] {
  return channels.flatMap((channel, index) => {
    const { direction, local_path: path, remote_path: there, recursive: isRecursive = false } = channel;
    const source = { path: direction === 'out' ? path : absolutePath(there, user), isRecursive };
    const tooMuch = whyTooMuch(path, direction, home);
    return [
      ...(tooMuch === undefined
        ? []
        : [{ path: ['channels', index, 'local_path'], atName: false, ...tooMuch }]),
      ...(channel.exclude ?? []).flatMap((pattern, position) => {
        const message = whyNotMeant(pattern, source);
        if (message === undefined) return [];
        return [{ path: ['channels', index, 'exclude', position], atName: false, ...message }];
      }),
    ];
  });
}

function whyTooMuch(
  path: string,
  direction: 'in' | 'out',
  home: string,
): { message: string; hint: string } | undefined {
  const what = nameOf(partsOf(path), partsOf(home));
  if (what === undefined) return undefined;
  return direction === 'out'
    ? {
        message: `sends ${what} to the machine, with all keys and passwords in it`,
        hint: 'name the folder that is to be sent',
      }
    : {
        message: `lets the machine write to ${what}, and so change what your shell runs and whom SSH lets in`,
        hint: 'name a folder of its own for what is fetched',
      };
}

function nameOf(path: readonly string[], home: readonly string[]): string | undefined {
  if (path.length === 0) return 'everything on this computer';
  if (home.length === 0) return undefined;
  if (partsBelow(path, home)?.length === 0) return 'your whole home folder';
  if (partsBelow(path, home) !== undefined) return 'the folder of all homes';
  const folder = keyFolders.find((one) => partsBelow([...home, one], path) !== undefined);
  return folder && `~/${folder}`;
}
