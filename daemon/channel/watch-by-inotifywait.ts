// The watch on an instance that has no Python but inotify-tools: a few lines of shell around inotifywait. They tell that
// something changed, not what. Arguments: folder, 1 for all below it.
//
// Lines as of the Python program: `watching` and `changed`. It ends with its standard input.

// inotifywait tells when each thing happened, so that a burst of them costs a line and a late one every other second, and
// nothing is started for each. The late one is also for a folder that is made: it is watched a moment later, and what
// comes into it before that is looked for once more. inotifywait does not report that a file system is
// mounted or unmounted below the folder: the table of mounts is read for that (a blank is \\040 in it). The guard ends
// inotifywait with the input. `kill 0` ends this session's processes, and no others: sshd gives each a group of its own.
export const watchByInotifywait = `
folder=$1
if [ ! -d "$folder" ]; then
  if [ -e "$folder" ]; then echo file >&2; else echo missing >&2; fi
  exit 1
fi
recursive=
if [ "$2" = 1 ]; then recursive=-r; fi
place= rest=$(cd "$folder" && pwd -P)
while case $rest in *" "*) true ;; *) false ;; esac; do
  place=$place\${rest%% *}'\\040' rest=\${rest#* }
done
place=$place$rest
mounted() {
  [ "$recursive" ] || return
  while read -r number parent device root point rest; do
    case $point in "\${place%/}"/*) echo "$number $point" ;; esac
  done </proc/self/mountinfo
}
before=$(mounted)
exec 3<&0 </dev/null
{
  inotifywait -m $recursive --timefmt %s --format "%T %e %w" \\
    -e modify -e attrib -e close_write -e move -e create -e delete -e move_self -e delete_self \\
    -- "$folder" 3<&- 2>&1 &
  watcher=$!
  { cat <&3; kill $watcher; } >/dev/null 2>&1 &
  guard=$!
  { while sleep 1 && [ "$(mounted)" = "$before" ]; do :; done; kill $watcher; } >/dev/null 2>&1 3<&- &
  table=$!
  exec 3<&-
  wait $watcher
  kill $guard $table 2>/dev/null
} | { told=0; while IFS= read -r line; do
  case $line in
    "Setting up watches."*) ;;
    "Watches established."*) echo watching ;;
    *"upper limit on inotify"* | *"no more inotify"* | *"Couldn't initialize inotify"*) echo limit >&2; exit 1 ;;
    *" MOVE_SELF $folder" | *" MOVE_SELF $folder/" | *" DELETE_SELF $folder" | *" DELETE_SELF $folder/") kill 0 ;;
    *)
      at=\${line%% *}
      # The rest of a name with a line break in it.
      case $at in *[!0-9]* | "") continue ;; esac
      [ "$at" -ge "$told" ] && [ "$at" -le "$((told + 1))" ] && continue
      told=$at
      echo changed
      { sleep 2; echo changed; } &
      ;;
  esac
done; }`;
