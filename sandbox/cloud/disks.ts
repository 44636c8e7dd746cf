// Volumes and snapshots on the host's disk. A volume is a folder with `image` (a sparse file of the volume's size)
// and `content` (what its file system holds). While it is plugged into an instance, the image has a second name
// in the instance's dev folder, and the content lives in its ebs folder.
import { execFile } from 'node:child_process';
import { link, mkdir, open, rename, rm, symlink, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export type Disks = ReturnType<typeof disks>;

/** Keeps disks below `folder`, an absolute path. */
export function disks(folder: string) {
  const contents = new Map<string, string>();
  const path = (id: string, name: string) => join(folder, id, name);
  const contentOf = (id: string) => contents.get(id) ?? path(id, 'content');
  const copy = async (fromId: string, toId: string) => {
    await mkdir(join(folder, toId), { recursive: true });
    const flags = ['-a', '--sparse=always', '--reflink=auto'];
    await run('cp', [...flags, path(fromId, 'image'), path(toId, 'image')]);
    await run('cp', [...flags, contentOf(fromId), path(toId, 'content')]);
  };
  return {
    /** Makes a blank disk, or one with an empty ext4. */
    async create(id: string, sizeGiB: number, formatted: boolean): Promise<void> {
      await mkdir(path(id, 'content'), { recursive: true });
      const file = await open(path(id, 'image'), 'wx');
      await file.truncate(sizeGiB * 2 ** 30);
      await file.close();
      if (!formatted) return;
      await run('/usr/sbin/mkfs.ext4', ['-q', '-F', path(id, 'image')]);
      await mkdir(join(path(id, 'content'), 'lost+found'), { mode: 0o700 });
    },
    /** Copies a disk; `sizeGiB` may be larger than the source's. */
    async copy(fromId: string, toId: string, sizeGiB: number): Promise<void> {
      await copy(fromId, toId);
      await truncate(path(toId, 'image'), sizeGiB * 2 ** 30);
    },
    /** Grows a disk. */
    grow: (id: string, sizeGiB: number) => truncate(path(id, 'image'), sizeGiB * 2 ** 30),
    /** Gives the disk a device name in an instance's folder, and moves its content there. */
    async plug(
      id: string,
      instanceFolder: string,
      deviceName: string,
      byId: string | undefined,
    ): Promise<void> {
      await link(path(id, 'image'), join(instanceFolder, 'dev', deviceName));
      if (byId) await symlink(`../../${deviceName}`, join(instanceFolder, 'dev/disk/by-id', byId));
      const target = join(instanceFolder, 'ebs', id);
      await rename(contentOf(id), target);
      contents.set(id, target);
    },
    /** Undoes `plug`. */
    async unplug(
      id: string,
      instanceFolder: string,
      deviceName: string,
      byId: string | undefined,
    ): Promise<void> {
      await rm(join(instanceFolder, 'dev', deviceName), { force: true });
      if (byId) await rm(join(instanceFolder, 'dev/disk/by-id', byId), { force: true });
      await rename(contentOf(id), path(id, 'content'));
      contents.delete(id);
    },
    /** Deletes the disk. */
    remove: (id: string) => rm(join(folder, id), { recursive: true, force: true }),
  };
}
