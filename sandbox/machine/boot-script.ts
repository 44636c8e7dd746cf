// The shell script that turns a fresh user, mount and process namespace into an instance. It runs in the
// instance's folder (root, dev, ebs, host), as the namespace's root, and ends by becoming the agent (process 1).
// What the sandbox still writes to after the boot (dev, ebs, host) are mount points, so that the instance cannot
// put a link in its place and make the sandbox write elsewhere.

/** Run as `sh -c bootScript`, inside `unshare`. `$1` is the folder bound at /opt/sandbox, `$2` the host name. */
export const bootScript = `set -e
mount --bind root root
cd root
mount --bind ../dev dev
mount --bind ../ebs var/lib/sandbox/ebs
mount --bind ../host run/host
mount -o remount,bind,ro run/host
mount --rbind /usr usr
mount -o remount,bind,ro usr
for name in bin sbin lib lib32 lib64; do
  if [ -L "/$name" ]; then ln -s "$(readlink "/$name")" "$name"
  elif [ -d "/$name" ]; then mkdir "$name"; mount --rbind "/$name" "$name"; mount -o remount,bind,ro "$name"
  fi
done
# Many small files: bound rather than copied.
for name in alternatives ca-certificates ssl/certs; do
  [ -d "/etc/$name" ] || continue
  mkdir -p "etc/$name"
  mount --rbind "/etc/$name" "etc/$name"
  mount -o remount,bind,ro "etc/$name"
done
# Read-only, because a sandbox run by root owns these nodes on the host too. Reading and writing still work.
for name in null zero full random urandom tty; do
  : > "dev/$name"
  mount --bind "/dev/$name" "dev/$name"
  mount -o remount,bind,ro "dev/$name"
done
mkdir dev/pts
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
mkdir dev/shm
chmod 1777 dev/shm
for link in fd:/proc/self/fd stdin:/proc/self/fd/0 stdout:/proc/self/fd/1 stderr:/proc/self/fd/2; do
  ln -s "\${link#*:}" "dev/\${link%%:*}"
done
mount --bind "$1" opt/sandbox
mount -o remount,bind,ro opt/sandbox
mount -t proc -o ro proc proc
hostname "$2"
mkdir old
pivot_root . old
umount -l /old
rmdir /old
exec /usr/bin/python3 -I -S /opt/sandbox/agent.py
`;

/** Capabilities that programs on the instance keep: those of files, users and signals. Mounting is the agent's. */
export const keptCapabilities = '-all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid';
