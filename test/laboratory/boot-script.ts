// The shell script that makes fresh namespaces an instance: a root file system that sees this machine's programs and keeps
// what is written to itself, devices and udev data of its own, and its metadata address. It becomes process 1.

/**
 * Run as `sh -c bootScript boot FOLDER` by unshare. What the instance writes lies in memory at /.laboratory/upper, this
 * kernel's own sysfs at /.laboratory/kernel. It lives as long as its standard input.
 */
export const bootScript = `set -e
mount --make-rprivate /
mount -t tmpfs -o mode=755 laboratory "$1"
cd "$1"
mkdir upper work root
mount -t overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" laboratory root
for folder in proc sys dev run tmp; do mkdir -p "root/$folder"; done
for folder in sys dev run; do mount -t tmpfs -o mode=755 "$folder" "root/$folder"; done
mount -t tmpfs -o mode=1777 tmp root/tmp
mount -t proc proc root/proc
mkdir -p root/.laboratory/upper root/.laboratory/kernel root/.laboratory/old
mount --bind upper root/.laboratory/upper
mount -t sysfs -o ro sysfs root/.laboratory/kernel
cd root
for node in 'null 1 3' 'zero 1 5' 'full 1 7' 'random 1 8' 'urandom 1 9' 'tty 5 0'; do
  set -- $node
  mknod -m 666 "dev/$1" c "$2" "$3"
done
mkdir -p dev/pts dev/shm dev/disk/by-id sys/block sys/class/block sys/dev/block sys/devices/virtual/block run/udev/data run/sshd
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
for number in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/\${number%:*}" "dev/\${number#*:}"; done
pivot_root . .laboratory/old
umount -l /.laboratory/old
cd /
ip link set lo up
ip address add 169.254.169.254/32 dev lo
for file in passwd group shadow; do sed -i '/^ubuntu:/d' "/etc/$file"; done
echo 'ubuntu:x:1999:1999::/home/ubuntu:/bin/sh' >> /etc/passwd
echo 'ubuntu:x:1999:' >> /etc/group
echo 'ubuntu:*:19000:0:99999:7:::' >> /etc/shadow
mkdir -p /home/ubuntu/.ssh
chown -R 1999:1999 /home/ubuntu
printf 'root ALL=(ALL:ALL) ALL\\nubuntu ALL=(ALL:ALL) NOPASSWD: ALL\\n' > /etc/sudoers
rm -rf /etc/sudoers.d
chmod 440 /etc/sudoers
echo booted
cat > /dev/null
`;

/** Adds a volume's device: NAME MAJOR MINOR KERNEL-NAME, and the serial that it shows (empty under Xen). */
export const attachScript = `set -e
name=$1 number=$2:$3 serial=$5
mknod -m 660 "/dev/$name" b "$2" "$3"
mkdir "/sys/devices/virtual/block/$name"
mount --bind "/.laboratory/kernel/devices/virtual/block/$4" "/sys/devices/virtual/block/$name"
ln -s "../devices/virtual/block/$name" "/sys/block/$name"
ln -s "../../devices/virtual/block/$name" "/sys/class/block/$name"
ln -s "../../devices/virtual/block/$name" "/sys/dev/block/$number"
[ -n "$serial" ] || exit 0
printf 'I:1\\nE:ID_SERIAL_SHORT=%s\\nE:ID_SERIAL=Amazon_Elastic_Block_Store_%s\\n' "$serial" "$serial" > "/run/udev/data/b$number"
ln -sfn "../../$name" "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_$serial"
`;

/** Takes it away again, as udev does after a detachment, whoever still has it mounted: NAME MAJOR MINOR. */
export const detachScript = `set -e
umount -l "/sys/devices/virtual/block/$1"
rmdir "/sys/devices/virtual/block/$1"
rm -f "/dev/$1" "/sys/block/$1" "/sys/class/block/$1" "/sys/dev/block/$2:$3" "/run/udev/data/b$2:$3"
find /dev/disk/by-id -lname "*/$1" -delete
`;
