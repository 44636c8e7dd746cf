// An instance's own folder: its root (everything that is not the host's read-only /usr and parts of its /etc), and
// what the sandbox keeps writing to while it runs: `dev`, `ebs` (what attached volumes hold) and `host` (the list of
// devices).
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What programs on the instance need of the host's /etc beside what the boot script binds there: linking, time, names. */
const copiedFromEtc = 'ld.so.cache ld.so.conf ld.so.conf.d localtime mime.types os-release';
const emptyFolders =
  'usr proc dev opt/sandbox run/sandbox run/host root mnt srv var/log var/cache var/lib/sandbox/ebs etc';

// Lazy, because the image is a sparse file that is to stay sparse (mke2fs cannot see that in a room without /sys).
const mke2fsConfiguration = `[defaults]
  base_features = sparse_super,large_file,filetype,resize_inode,dir_index,ext_attr
  default_mntopts = acl,user_xattr
  blocksize = 4096
  inode_size = 256
  inode_ratio = 16384
  lazy_itable_init = 1
  lazy_journal_init = 1
[fs_types]
  ext4 = {
    features = has_journal,extent,huge_file,flex_bg,metadata_csum,64bit,dir_nlink,extra_isize
  }
`;

/** Makes the folder of an instance; the namespace's mounts are the boot script's. */
export async function makeInstanceFolder(folder: string, hostName: string, user: string): Promise<void> {
  const root = join(folder, 'root');
  for (const name of ['dev/disk/by-id', 'ebs', 'host']) await mkdir(join(folder, name), { recursive: true });
  for (const name of [...emptyFolders.split(' '), `home/${user}`])
    await mkdir(join(root, name), { recursive: true });
  for (const name of ['tmp', 'var/tmp']) {
    await mkdir(join(root, name));
    await chmod(join(root, name), 0o1777);
  }
  await chmod(join(root, 'root'), 0o700);
  for (const name of copiedFromEtc.split(' ')) {
    if (!existsSync(join('/etc', name))) continue;
    await cp(join('/etc', name), join(root, 'etc', name), { recursive: true, verbatimSymlinks: true });
  }
  // The one user id that the namespace has is the image's user; `root` is its second name.
  const files = {
    passwd: `${user}:x:0:0:${user}:/home/${user}:/bin/bash\nroot:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n`,
    group: `${user}:x:0:\nroot:x:0:\nnogroup:x:65534:\n`,
    hosts: `127.0.0.1 localhost ${hostName}\n`,
    hostname: `${hostName}\n`,
    'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
    fstab: '',
    'mke2fs.conf': mke2fsConfiguration,
    'pip.conf':
      '[global]\nno-index = true\nfind-links = /opt/sandbox/wheels\ndisable-pip-version-check = true\nroot-user-action = ignore\n',
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(root, 'etc', name), content);
}
