// Whether the volumes that a channel's path on the instance belongs to are mounted there, asked in the same shell that then
// lists, writes or deletes: what was mounted when the connection was made may not be any more, and the bare folder under a
// mount point is no source to take deletions from and no place to save to.
import { PortalError } from '../../protocol/errors.ts';
import type { ChannelSpecification } from '../../protocol/specification/schema.ts';
import type { ChannelMount } from '../portal/gateways.ts';

/** Exit code of the shell that finds a volume missing; ssh's and rsync's own are others. */
const missing = 96;

const marker = 'portald finds unmounted:';

/** Paths that are the same in every shell's double quotes. */
const plain = /^[\w/.,:@%+=-]+$/;

/** Shell text, without single quotes, backslashes and line breaks, that ends the shell unless all of `mounts` are there. */
export function mountCheck(mounts: readonly ChannelMount[]): string {
  return mounts
    .map(
      ({ volumeId, point, identity }) =>
        `point=${word(point)}; [ "$(stat -L -c %d:%i "$point" 2>/dev/null)" = "${identity}" ] || { echo "${marker} ${volumeId}" >&2; exit ${missing}; }; `,
    )
    .join('');
}

/** A path in a shell's word; in letters and digits only, if it has signs that shells differ about. */
function word(path: string): string {
  if (plain.test(path)) return `"${path}"`;
  const coded = Buffer.from(path).toString('base64');
  return `$(echo ${coded} | base64 -d; echo .); point=\${point%.}`;
}

/**
 * What rsync starts on the instance: itself, once the volumes are found; undefined where there are none to look for. With
 * `folder` it enters that first, and can be told to write to `.`: from then on that means the volume, whatever is done to its
 * mount point. (To any other name, also a relative one, rsync goes by the absolute path: util1.c, change_dir.)
 */
export function remoteRsync(mounts: readonly ChannelMount[], folder: string | undefined): string | undefined {
  if (mounts.length === 0) return undefined;
  const enter = folder === undefined ? '' : `point=${word(folder)}; cd "$point" || exit 1; `;
  // Entered first: what is found mounted after that is what was entered.
  return `exec sh -c '${enter}${mountCheck(mounts)}exec rsync "$@"' rsync`;
}

/** The channel's folder on the volume that it lies on, which an outbound rsync can enter; undefined where it lies on none. */
export function folderOnVolume(
  { direction, recursive }: ChannelSpecification,
  mounts: readonly ChannelMount[],
  isOfFolder: boolean,
): string | undefined {
  if (direction === 'in' || recursive !== true || !isOfFolder) return undefined;
  return mounts.find((one) => one.path !== undefined)?.path;
}

/** What such a shell, or an rsync that started one, has said, as an error; undefined if it said nothing of it. */
export function unmountedError(stderr: string): PortalError | undefined {
  const [, volumeId] = new RegExp(`${marker} (vol-[0-9a-f]{1,32})\\b`).exec(stderr) ?? [];
  if (volumeId === undefined) return undefined;
  return new PortalError(
    'mount',
    `volume ${volumeId} is not mounted on the instance where this channel needs it; nothing was synchronised`,
    { hint: 'portald mounts it again, and then goes on' },
  );
}
