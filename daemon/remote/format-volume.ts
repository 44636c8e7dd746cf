// Makes a file system on a volume that was proved blank, and hands its root folder to the user.
import type { VolumeSpecification } from '../../protocol/specification/schema.ts';
import { mountVolume, notShown } from './mount-volume.ts';
import type { RunScript } from './remote-command.ts';
import { volumeArguments } from './volume-arguments.ts';
import { volumeFunctions } from './volume-scripts.ts';
import { answerOf, failure, words } from './volume-words.ts';

// nodiscard: a blank volume has nothing to discard, and what was not discarded can still be recovered. The root folder is the
// user's from the beginning, so that a crash before it is handed over takes it from nobody; e2fsprogs before 1.43 cannot.
// Without the features that e2fsprogs 1.47 gives by itself: the next image may have an older one, which could not check it. Who
// does not know their names does not give them.
const makeScript = `${volumeFunctions}
device=$(find_device "$1" "$2" "$3")
[ -n "$device" ] || { echo absent; exit 0; }
owner=$(id -u -- "$6"):$(getent group -- "$7" | cut -d : -f 3)
uuid=$5
make() { as_root mkfs.ext4 -q -U "$uuid" "$@" "$device"; }
{ make -E "nodiscard,root_owner=$owner" -O ^orphan_file,^metadata_csum_seed || make -E "nodiscard,root_owner=$owner"; } 2>/dev/null ||
  make -E nodiscard || exit 1
echo made
`;

const handOverScript = `${volumeFunctions}
device=$(find_device "$1" "$2" "$3")
point=$(resolve "$4")
[ -n "$device" ] && [ "$(source_at "$point")" = "$device" ] || { echo "not mounted" >&2; exit 1; }
as_root chown "$5" "$point" || exit 1
echo owned
`;

const timeoutMs = 10 * 60_000;

/**
 * Makes an ext4 file system with this UUID on `volume`, mounts it and gives its root folder to user:group. Only after
 * `isBlank`. Rejects with PortalError of kind `mount`.
 */
export async function formatVolume(
  run: RunScript,
  volume: VolumeSpecification,
  { uuid, user, group }: { uuid: string; user: string; group: string },
): Promise<void> {
  const made = await run(makeScript, [...volumeArguments(volume), uuid, user, group], { timeoutMs });
  if (answerOf(made, 'absent') !== undefined) throw notShown(volume.volume_id);
  if (answerOf(made, 'made') === undefined) throw failure(made, `formatting ${volume.volume_id}`);
  if ((await mountVolume(run, volume)).state === 'absent') throw notShown(volume.volume_id);
  const owned = await run(handOverScript, [...volumeArguments(volume), `${user}:${group}`]);
  if (answerOf(owned, 'owned') === undefined) {
    throw failure(owned, `giving ${words(volume.mount_point)} to ${user}:${group}`);
  }
}
