// Mounts an attached volume, after checking the file system that an unclean end may have left in need of it.
import { PortalError } from '../../protocol/errors.ts';
import type { VolumeSpecification } from '../../protocol/specification/schema.ts';
import type { MountOutcome } from '../portal/gateways.ts';
import type { RunScript } from './remote-command.ts';
import { volumeArguments } from './volume-arguments.ts';
import { volumeFunctions } from './volume-scripts.ts';
import { answerOf, answersOf, failure, words } from './volume-words.ts';

// A program that probes a new device, as udev does, has it in use for a moment.
// XFS refuses a second file system with the UUID of one that is mounted, such as one restored from its snapshot.
// e2fsck -p: 1 repaired, 2 repaired and wants a reboot (which only a root file system needs), from 4 on not repaired.
const script = `${volumeFunctions}
held= unchecked=
device=$(find_device "$1" "$2" "$3")
[ -n "$device" ] || { echo absent; exit 0; }
point=$4
[ -d "$point" ] || mkdir -p "$point" 2>/dev/null || as_root mkdir -p "$point" || exit 1
point=$(resolve "$point")
source=$(source_at "$point")
if [ "$source" = "$device" ]; then echo mounted; exit 0; fi
if [ -n "$source" ]; then echo "occupied $source"; exit 0; fi
as_root true || exit 1
type=$(as_root blkid -p -o value -s TYPE "$device")
options=
case $type in
  '')
    # blkid tells what it cannot read as it tells what is empty.
    as_root cmp -n 4096 "$device" /dev/zero >/dev/null
    [ $? -le 1 ] || exit 1
    if [ -n "$(as_root blkid -p -o value -s PTTYPE "$device")" ]; then echo "holds a partition table"; else echo bare; fi
    exit 0 ;;
  crypto_LUKS|BitLocker) echo "encrypted $type"; exit 0 ;;
  swap|*_member) echo "holds $type"; exit 0 ;;
  xfs) options=nouuid ;;
  ext2|ext3|ext4)
    if ! findmnt -nro TARGET --source "$device" >/dev/null 2>&1; then
      tries=0
      while :; do
        said=$(as_root e2fsck -p "$device" 2>&1)
        code=$?
        case $said in *' is in use'*) ;; *) break ;; esac
        tries=$((tries + 1))
        # A file system that was unmounted under its users is in use by them, and is well: it can be mounted again.
        [ "$tries" -lt 20 ] || { held=yes; code=0; break; }
        sleep 0.5
      done
      # Of a feature that it does not know it repairs nothing, and touches nothing: what counts is what the kernel knows.
      case $said in
        *'Get a newer version of e2fsck'*) unchecked=$(printf %s "$said" | grep -m 1 feature); code=0 ;;
      esac
      if [ "$code" -ge 4 ] && [ "$code" -lt 126 ]; then
        echo "broken $(printf %s "$said" | tr '\\n' ' ')"
        exit 0
      fi
    fi ;;
esac
over=$(ls -A "$point" 2>/dev/null | head -n 6)
if ! as_root mount -t "$type" \${options:+-o "$options"} "$device" "$point"; then
  [ -z "$held" ] || { echo "held $device"; exit 0; }
  [ -z "$unchecked" ] || { echo "old $unchecked"; exit 0; }
  exit 1
fi
[ "$(source_at "$point")" = "$device" ] || { echo "mount came to nothing" >&2; exit 1; }
echo mounted
[ -z "$unchecked" ] || echo "unchecked $unchecked"
[ -z "$over" ] || printf '%s\\n' "$over" | sed 's/^/over /'
`;

/** Of what a mount hides; enough to know it again. */
const mostNames = 6;

/** A file system that needs all its journal replayed takes long. */
const timeoutMs = 10 * 60_000;

/**
 * Mounts `volume` on its mount point; idempotent. It is `absent` while the instance does not show it; rejects with
 * PortalError of kind `mount`.
 */
export async function mountVolume(run: RunScript, volume: VolumeSpecification): Promise<MountOutcome> {
  const { volume_id: id, mount_point: point } = volume;
  const result = await run(script, volumeArguments(volume), { timeoutMs });
  const mounted = answerOf(result, 'mounted');
  const unchecked = answerOf(result, 'unchecked');
  if (mounted !== undefined)
    return {
      state: 'mounted',
      over: answersOf(result, 'over').slice(0, mostNames).map(words),
      ...(unchecked !== undefined && { unchecked: words(unchecked) }),
    };
  if (answerOf(result, 'absent') !== undefined) return { state: 'absent' };
  const occupant = answerOf(result, 'occupied');
  if (occupant !== undefined) {
    throw new PortalError('mount', `cannot mount ${id}: ${words(occupant)} is mounted on ${words(point)}`, {
      hint: 'choose another mount_point, or unmount what is there',
    });
  }
  const held = answerOf(result, 'holds');
  if (held !== undefined) {
    throw new PortalError('mount', `volume ${id} holds ${words(held)}, which is no file system`, {
      hint: 'portald mounts volumes that are one file system as a whole; it was left as it is',
    });
  }
  const encryption = answerOf(result, 'encrypted');
  if (encryption !== undefined) {
    throw new PortalError(
      'mount',
      `volume ${id} is encrypted on the instance's side (${words(encryption)})`,
      {
        hint: 'portald has no passphrase for it: use the encryption of EBS instead, which needs none; it was left as it is',
      },
    );
  }
  if (answerOf(result, 'bare') !== undefined) {
    throw new PortalError('mount', `volume ${id} holds no file system`, {
      hint:
        volume.format === true
          ? 'it is not blank, or a formatting of it was cut short, so it is not formatted; look at it by hand'
          : 'say format: true once for this volume; it is formatted only if it is proved blank',
    });
  }
  const said = answerOf(result, 'broken');
  if (said !== undefined) {
    throw new PortalError('mount', `the file system of ${id} needs a repair by hand: ${words(said)}`, {
      hint: 'it was not mounted and not changed further; run e2fsck on it',
    });
  }
  const old = answerOf(result, 'old');
  if (old !== undefined) {
    throw new PortalError('mount', `the instance is too old for the file system of ${id}: ${words(old)}`, {
      hint: 'neither its e2fsck nor its kernel knows that feature: use a newer image; the volume was left as it is',
    });
  }
  const busy = answerOf(result, 'held');
  if (busy !== undefined) {
    throw new PortalError('mount', `cannot mount ${id}: another program on the instance holds ${busy}`, {
      hint: `find out which: sudo lsof ${busy}`,
    });
  }
  throw failure(result, `mounting ${id} on ${words(point)}`);
}

/** The instance does not show the volume. */
export function notShown(volumeId: string): PortalError {
  return new PortalError('mount', `the instance does not show volume ${volumeId} as a block device`, {
    hint: 'look at lsblk on the instance; check persistent_volumes[].device',
  });
}
