// Unmounts a volume; with force only against the processes that hold it, never against what is unwritten.
import { PortalError } from '../../protocol/errors.ts';
import type { VolumeSpecification } from '../../protocol/specification/schema.ts';
import type { RunScript } from './remote-command.ts';
import { volumeArguments } from './volume-arguments.ts';
import { volumeFunctions } from './volume-scripts.ts';
import { answerOf, answersOf, failure, words } from './volume-words.ts';

// One at a time: a script whose connection was lost goes on, and must not unmount between another's look and its fuser. The
// lock is on the root folder, so that no file is made for it.
// What is mounted there is looked at again before fuser: without a mount, -m would mean the file system that the folder
// lies on. (fuser's own -M for that does not know mount points with spaces.)
const script = `${volumeFunctions}
if command -v flock >/dev/null 2>&1; then
  exec 9</
  flock -w 60 9
fi
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
try() {
  said=$(as_root umount "$point" 2>&1) ||
    { [ "$1" = all ] && as_root umount -R "$point" >/dev/null 2>&1; } || return 1
  echo unmounted
  exit 0
}
is_mounted() { [ "$(source_at "$point")" = "$source" ]; }
try
printf '%s\\n' "$said" >&2
case $said in *busy*) ;; *) exit 1 ;; esac
has_fuser() { command -v fuser >/dev/null 2>&1; }
# The mount point, and what is mounted inside of it, such as a container's file system.
each() { findmnt -nlvRo TARGET "$point" | while IFS= read -r target; do "$@" "$target"; done; }
tell() {
  if [ "$2" != "$point" ]; then echo "$1 what is mounted on $2"; fi
  has_fuser || return 0
  for pid in $(as_root fuser -m "$2" 2>/dev/null); do
    echo "$1 $(cat "/proc/$pid/comm" 2>/dev/null) ($pid)"
  done
}
end() { as_root fuser -k "-$1" -m "$2" >/dev/null 2>&1; }
if [ "$5" = evict ]; then
  if is_mounted; then each tell evicted; fi
  try all
  for signal in TERM KILL; do
    if is_mounted && has_fuser; then each end "$signal"; fi
    tries=0
    while [ "$tries" -lt 25 ]; do
      try all
      sleep 0.2
      tries=$((tries + 1))
    done
  done
fi
echo busy
is_mounted || exit 0
each tell holder
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
