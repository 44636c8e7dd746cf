// Folders and devices that are the instance's own: a volume in their place would hide what it needs to live.

/** Refused with all that is below them. */
const systemTrees =
  /^\/(bin|boot|dev|etc|lib|lib32|lib64|libx32|proc|run|sbin|sys|var\/run|usr(?!\/local\/.))(\/|$)/;

/** Refused themselves; a folder below is as good a place as any. */
const systemFolders = /^\/(home|root|tmp|usr\/local|var(\/(cache|lib|lib\/cloud|log|spool|tmp))?)?$/;

/** Names of root devices: AWS gives them to the instance's own disk. */
const rootDevice = /^\/dev\/(sda|xvda)1?$/;

/** Why no volume may be mounted at `path` on an instance of this user; undefined if one may. */
export function whyNotMountPoint(path: string, user: string): string | undefined {
  const plain = path.replaceAll(/\/+/g, '/').replace(/\/$/, '');
  const instead = 'name a folder of its own, for example /data or';
  if (plain.split('/').some((part) => part === '.' || part === '..'))
    return 'must not have "." or ".." in it';
  if (plain === (user === 'root' ? '/root' : `/home/${user}`)) {
    return `is the home folder of ${user}: its SSH keys would be hidden, and nobody could log in; ${instead} ${plain}/workspace`;
  }
  if (plain === '') return `is the root of the whole system; ${instead} /home/${user}/workspace`;
  if (!systemTrees.test(plain) && !systemFolders.test(plain)) return undefined;
  return `is a folder of the system, which would be hidden; ${instead} /home/${user}/workspace`;
}

/** Why no volume may be attached as `device`; undefined if one may. */
export function whyNotDevice(device: string): string | undefined {
  if (rootDevice.test(device))
    return "is the name of the instance's own disk; take one of /dev/sdf to /dev/sdp";
  if (!device.startsWith('/dev/nvme')) return undefined;
  return 'is a name that only the instance itself gives; EC2 takes /dev/sdf to /dev/sdp';
}
