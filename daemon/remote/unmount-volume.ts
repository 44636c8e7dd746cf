// Unmounts a volume; with force only against the processes that hold it, never against what is unwritten.
import { PortalError } from '../../protocol/errors.ts';
import type { VolumeSpecification } from '../../protocol/specification/schema.ts';
import type { RunScript } from './remote-command.ts';
import { volumeArguments } from './volume-arguments.ts';
import { volumeFunctions } from './volume-scripts.ts';
import { answerOf, answersOf, failure, words } from './volume-words.ts';

// What is mounted there is looked at again before fuser: without a mount, -m would mean the file system that the folder
// lies on. (fuser's own -M for that does not know mount points with spaces.)
const script = `${volumeFunctions}
device=$(find_device "$1" "$2" "$3")
point=$(resolve "$4")
source=$(source_at "$point")
[ -n "$source" ] || { echo unmounted; exit 0; }
if [ "$source" != "$device" ]; then
  # The volume may have been taken away under its mount; nothing else that is mounted there is ours.
  gone=no
  if [ -z "$device" ]; then case $source in /dev/*) [ -e "$source" ] || gone=yes ;; esac; fi
  if [ "$gone" = no ]; then echo "foreign $source"; exit 0; fi
fi
cd /
sync -f "$point" 2>/dev/null
try() { said=$(as_root umount "$point" 2>&1) && { echo unmounted; exit 0; }; }
is_mounted() { [ "$(source_at "$point")" = "$source" ]; }
try
printf '%s\\n' "$said" >&2
case $said in *busy*) ;; *) exit 1 ;; esac
command -v fuser >/dev/null 2>&1 || { echo "busy"; exit 0; }
holders() {
  for pid in $(as_root fuser -m "$point" 2>/dev/null); do
    echo "$1 $(cat "/proc/$pid/comm" 2>/dev/null) ($pid)"
  done
}
if [ "$5" = evict ]; then
  if is_mounted; then holders evicted; fi
  for signal in TERM KILL; do
    if is_mounted; then as_root fuser -k "-$signal" -m "$point" >/dev/null 2>&1; fi
    tries=0
    while [ "$tries" -lt 25 ]; do
      try
      sleep 0.2
      tries=$((tries + 1))
    done
  done
fi
echo busy
is_mounted || exit 0
holders holder
`;

const timeoutMs = 5 * 60_000;

/**
 * Flushes and unmounts `volume`; idempotent. With `evict`, processes that hold it are told to end, and killed 5 s later;
 * resolves to their names. Rejects with PortalError of kind `mount`, naming the processes that hold it.
 */
export async function unmountVolume(
  run: RunScript,
  volume: VolumeSpecification,
  { evict }: { evict: boolean },
): Promise<readonly string[]> {
  const { volume_id: id, mount_point: point } = volume;
  const result = await run(script, [...volumeArguments(volume), evict ? 'evict' : 'wait'], { timeoutMs });
  if (answerOf(result, 'unmounted') !== undefined) return answersOf(result, 'evicted').map(words);
  // What else is mounted there is not ours to unmount, and the volume is not mounted there.
  if (answerOf(result, 'foreign') !== undefined) return [];
  if (answerOf(result, 'busy') === undefined) throw failure(result, `unmounting ${words(point)}`);
  const holders = answersOf(result, 'holder');
  throw new PortalError(
    'mount',
    `${words(point)} (${id}) is in use${holders.length > 0 ? ` by ${words(holders.join(', '))}` : ''}`,
    { hint: 'end what uses it, or leave its folder' },
  );
}
