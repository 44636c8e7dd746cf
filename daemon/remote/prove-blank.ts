// The safe rule before formatting: a volume with any trace of data is never formatted. Each check can say "blank" only
// if it ran properly; one that could not be made is an error, never an answer.
import { PortalError } from '../../protocol/errors.ts';
import type { VolumeSpecification } from '../../protocol/specification/schema.ts';
import { notShown } from './mount-volume.ts';
import type { RunScript } from './remote-command.ts';
import { volumeArguments } from './volume-arguments.ts';
import { volumeFunctions } from './volume-scripts.ts';
import { answerOf, answersOf, failure, words } from './volume-words.ts';

// Size first: it proves that the device is there and can be read, which blkid's exit 2 does not. Then every place where
// an ext file system keeps a copy of its superblock, for the block sizes 1, 2 and 4 KiB.
const script = `${volumeFunctions}
device=$(find_device "$1" "$2" "$3")
[ -n "$device" ] || { echo absent; exit 0; }
as_root true || exit 1
size=$(as_root blockdev --getsize64 "$device") || exit 1
case $size in ''|*[!0-9]*|0) echo "no size" >&2; exit 1 ;; esac
verdict() { echo "check $1 $2"; if [ "$2" = data ]; then exit 0; fi; }

said=$(as_root blkid -p "$device" 2>&1)
case $? in
  2) if [ -z "$said" ]; then verdict blkid blank; else verdict blkid "failed $said"; fi ;;
  0|8) verdict blkid data ;;
  *) verdict blkid "failed $said" ;;
esac

if said=$(as_root wipefs -n "$device" 2>&1); then
  if [ -z "$said" ]; then verdict wipefs blank; else verdict wipefs data; fi
else
  verdict wipefs "failed $said"
fi

if said=$(lsblk -nro NAME "$device" 2>&1); then
  if [ "$(printf '%s\\n' "$said" | wc -l)" -eq 1 ]; then verdict lsblk blank; else verdict lsblk data; fi
else
  verdict lsblk "failed $said"
fi

zero() {
  length=$2
  if [ $(($1 + length)) -gt "$size" ]; then length=$((size - $1)); fi
  said=$(as_root cmp -n "$length" -i "$1:0" "$device" /dev/zero 2>&1)
  case $? in
    0) ;;
    1) if [ -n "$said" ]; then verdict "$3" data; else verdict "$3" "failed without a word"; exit 0; fi ;;
    *) verdict "$3" "failed $said"; exit 0 ;;
  esac
}
ends=4194304
zero 0 $ends first
verdict first blank
if [ "$size" -gt $ends ]; then zero $((size - ends)) $ends last; fi
verdict last blank

for kib in 1 2 4; do
  block=$((kib * 1024))
  group_bytes=$((block * 8 * block))
  for power in 1 3 5 7; do
    group=$power
    while :; do
      offset=$((group * group_bytes))
      if [ "$kib" = 1 ]; then offset=$((offset + 1024)); fi
      if [ "$offset" -ge "$size" ]; then break; fi
      zero "$offset" "$block" superblocks
      if [ "$power" = 1 ]; then break; fi
      group=$((group * power))
    done
  done
done
verdict superblocks blank
echo finished
`;

const checks = ['blkid', 'wipefs', 'lsblk', 'first', 'last', 'superblocks'];
const timeoutMs = 5 * 60_000;

/**
 * Resolves to true only if every check ran and found nothing; to false on any trace of data.
 * @throws {PortalError} of kind `mount` when a check could not be made
 */
export async function isBlank(run: RunScript, volume: VolumeSpecification): Promise<boolean> {
  const result = await run(script, volumeArguments(volume), { timeoutMs });
  if (answerOf(result, 'absent') !== undefined) throw notShown(volume.volume_id);
  const verdicts = answersOf(result, 'check');
  if (verdicts.some((verdict) => verdict.endsWith(' data'))) return false;
  const failed = verdicts.find((verdict) => verdict.includes(' failed'));
  if (failed !== undefined) {
    throw new PortalError('mount', `cannot prove that ${volume.volume_id} is blank: ${words(failed)}`, {
      hint: 'nothing was formatted',
    });
  }
  const isWhole = result.code === 0 && answerOf(result, 'finished') !== undefined;
  if (!isWhole || verdicts.join() !== checks.map((check) => `${check} blank`).join()) {
    throw failure(result, `proving that ${volume.volume_id} is blank`);
  }
  return true;
}
