// What every script on volumes begins with: becoming root by single commands, and finding a volume's device.

/**
 * Shell functions; a script without the programs that it needs ends at once, and messages are in English. `as_root WORDS…`; `find_device SERIAL GIVEN TWIN` prints the device that is proved to be the volume
 * with this serial (its id without the dash): by the serial that Nitro devices show, or, where devices show none (Xen),
 * by the given name or its twin. `resolve POINT` prints a folder without symbolic links. `source_at POINT` prints
 * the device mounted there.
 */
export const volumeFunctions = `
PATH=$PATH:/usr/sbin:/sbin
export LC_ALL=C
for program in lsblk findmnt; do
  command -v "$program" >/dev/null 2>&1 || { echo "the instance has no $program" >&2; exit 1; }
done
as_root() {
  # sudo's own path (secure_path) may lack the folders of these programs.
  program=$(command -v "$1") && case $program in /*) shift; set -- "$program" "$@" ;; esac
  if command -v sudo >/dev/null 2>&1; then sudo -n -- "$@"
  elif [ "$(id -u)" = 0 ]; then "$@"
  else
    echo "the remote user is not root and needs sudo, which the instance does not have" >&2
    return 1
  fi
}
serial_of() { lsblk -dno SERIAL "$1" 2>/dev/null | tr -d ' -'; }
find_device() {
  link=/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_$1
  if [ -e "$link" ]; then
    linked=$(readlink -f "$link")
    if [ "$(serial_of "$linked")" = "$1" ]; then echo "$linked"; return; fi
  fi
  scanned=$(lsblk -dnro NAME,SERIAL | while read -r name serial; do
    if [ "$serial" = "$1" ] || [ "$serial" = "vol-\${1#vol}" ]; then echo "/dev/$name"; break; fi
  done)
  if [ -n "$scanned" ]; then echo "$scanned"; return; fi
  for candidate in "$2" "$3"; do
    if lsblk -dno NAME "$candidate" >/dev/null 2>&1 && [ -z "$(serial_of "$candidate")" ]; then
      readlink -f "$candidate"
      return
    fi
  done
}
resolve() { if [ -d "$1" ]; then (cd "$1" 2>/dev/null && pwd -P) || echo "$1"; else echo "$1"; fi; }
source_at() {
  source=$(findmnt -nvro SOURCE --mountpoint "$1" 2>/dev/null | tail -n 1)
  case $source in
    /dev/*) readlink -f "$source" 2>/dev/null || echo "$source" ;;
    ?*) echo "$source" ;;
  esac
}
`;
