// What a namespace runs to become a machine with a systemd of its own, whose units are ours and hardly any other.

/**
 * `$1` is the repository, which is seen at /mnt. `$2` is the portald in it, which logs to /run, and its watchdog is
 * impatient. Nothing of the machine's own units is started, and nothing is written outside the namespace.
 */
export const bootScript = `
set -e
mount --make-rprivate /
# First: it may lie in a folder that is hidden next.
mount --bind "$1" /mnt
# /tmp and /var/tmp, too: systemd makes private folders there for a service and does not remove them.
for folder in /run /var/lib /tmp /var/tmp; do
  mount -t tmpfs tmpfs "$folder"
done
# A configuration folder is made in /etc.
cp -a /etc /run/etc
mount --bind /run/etc /etc
# What is installed on the machine itself is none of this one's business.
rm -rf /etc/systemd/system
mkdir -p /etc/systemd/system
for kind in system user; do
  [ -e "/usr/lib/systemd/$kind/portald.service" ] || [ -e "/usr/lib/systemd/$kind/portald@.service" ] || continue
  cp -a "/usr/lib/systemd/$kind" "/run/packaged-$kind"
  rm -rf "/run/packaged-$kind"/portald*
  mount --bind "/run/packaged-$kind" "/usr/lib/systemd/$kind"
done
mkdir -p /run/systemd/system /run/units /run/lock
mount -t cgroup2 none /sys/fs/cgroup
for target in sysinit basic multi-user sockets default shutdown network-online; do
  printf '[Unit]\\nDescription=%s\\nDefaultDependencies=no\\n' "$target" > "/run/units/$target.target"
done
cp /mnt/systemd/* /run/units/
for unit in portald@ portald; do
  mkdir -p "/run/units/$unit.service.d"
  {
    echo '[Service]'
    echo 'ExecStart='
    echo "ExecStart=/mnt/node_modules/.bin/node $2"
    echo 'WatchdogSec=4'
    echo 'RestartSec=0.1'
    echo 'StandardOutput=append:/run/portald.log'
    echo 'StandardError=append:/run/portald.log'
  } > "/run/units/$unit.service.d/test.conf"
done
printf '[Service]\\nEnvironment=HOME=/run/home XDG_RUNTIME_DIR=/run\\n' > /run/units/portald.service.d/home.conf
mkdir /run/home
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin SYSTEMD_UNIT_PATH=/etc/systemd/system:/run/units container=other \\
  /usr/lib/systemd/systemd --system --unit=multi-user.target --log-target=console --show-status=no
`;
