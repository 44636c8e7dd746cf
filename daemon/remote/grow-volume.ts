// Makes the file system of a mounted volume as large as the volume has become. Nothing is unmounted for it.
import { PortalError } from '../../protocol/errors.ts';
import type { VolumeSpecification } from '../../protocol/specification/schema.ts';
import { notShown } from './mount-volume.ts';
import type { RunScript } from './remote-command.ts';
import { volumeArguments } from './volume-arguments.ts';
import { volumeFunctions } from './volume-scripts.ts';
import { answerOf, failure, words } from './volume-words.ts';

// The kernel learns a volume's new size a moment after EC2 has it. The file system lies on the whole disk (only so does
// portald mount it), so there is no partition to be grown first. Each program does nothing if it fills the disk already.
const script = `${volumeFunctions}
export LC_ALL=C
device=$(find_device "$1" "$2" "$3")
[ -n "$device" ] || { echo absent; exit 0; }
point=$(resolve "$4")
[ "$(source_at "$point")" = "$device" ] || { echo unmounted; exit 0; }
as_root true || exit 1
tries=0
while :; do
  size=$(as_root blockdev --getsize64 "$device") || exit 1
  [ "$size" -lt "$5" ] || break
  tries=$((tries + 1))
  [ "$tries" -lt 60 ] || { echo "small $size"; exit 0; }
  sleep 0.5
done
type=$(findmnt -nro FSTYPE --mountpoint "$point" | tail -n 1)
case $type in
  ext2|ext3|ext4) as_root resize2fs "$device" >&2 || exit 1 ;;
  xfs) as_root xfs_growfs "$point" >&2 || exit 1 ;;
  btrfs) as_root btrfs filesystem resize max "$point" >&2 || exit 1 ;;
  *) echo "unknown $type"; exit 0 ;;
esac
echo "grown $type"
`;

/** A large ext4 file system takes minutes. */
const timeoutMs = 30 * 60_000;

/**
 * Grows the file system of `volume`, which has `sizeGiB` by now and is mounted on its mount point; idempotent. Resolves to
 * the file system's type; rejects with PortalError of kind `mount`.
 */
export async function growVolume(
  run: RunScript,
  volume: VolumeSpecification,
  sizeGiB: number,
): Promise<string> {
  const { volume_id: id, mount_point: point } = volume;
  const bytes = String(sizeGiB * 2 ** 30);
  const result = await run(script, [...volumeArguments(volume), bytes], { timeoutMs });
  const type = answerOf(result, 'grown');
  if (type !== undefined) return words(type);
  if (answerOf(result, 'absent') !== undefined) throw notShown(id);
  if (answerOf(result, 'unmounted') !== undefined)
    throw new PortalError('mount', `${id} is not mounted on ${words(point)}`);
  const size = answerOf(result, 'small');
  if (size !== undefined)
    throw new PortalError('mount', `the instance still shows ${id} with ${words(size)} bytes`, {
      hint: 'its kernel has not learnt the new size: a new instance will (portalctl close, portalctl open)',
    });
  const unknown = answerOf(result, 'unknown');
  if (unknown !== undefined)
    throw new PortalError(
      'mount',
      `${words(unknown) || 'that kind of file system'} is none that portald can grow`,
      {
        hint: 'ext2, ext3, ext4, xfs and btrfs it can; grow this one by its own program',
      },
    );
  throw failure(result, `growing the file system on ${words(point)}`);
}
