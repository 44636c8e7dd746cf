// Ours: channels over a link, as portald has them.
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createChannels } from '../../daemon/channel/channels.ts';
import type { RemoteTarget } from '../../daemon/portal/gateways.ts';
import { createRemote } from '../../daemon/remote/remote.ts';
import { transportOf } from '../channel/channel-fixture.ts';
import { silentLog } from '../remote/link-fixture.ts';
import type { Peer } from './peer.ts';

export interface Ours extends AsyncDisposable {
  /** Keeps the folder `remote` of the login folder like `local`, or the other way round; ends with the link. */
  open(local: string, remote: string, options: { deletes: boolean; direction?: 'in' | 'out' }): void;
}

export const portald: Peer = {
  name: '**portald**',
  async start(scene, deletes) {
    const ours = await linkTo(scene);
    ours.open(scene.local, 'there', { deletes });
    return ours;
  },
};

/** From the instance to here; the tree is there, and comes. */
export const portaldInbound: Peer = {
  name: '**portald**, saved on the instance',
  async start(scene, deletes) {
    const ours = await linkTo(scene);
    ours.open(scene.local, 'there', { deletes, direction: 'in' });
    return ours;
  },
};

/** A link, ready for channels. */
export async function linkTo({ folder, target }: { folder: string; target: RemoteTarget }): Promise<Ours> {
  const remote = createRemote({
    runtimeFolder: join(folder, 'run'),
    environment: process.env,
    log: silentLog,
    now: Date.now,
    random: Math.random,
  });
  const link = remote.connect(target, () => {});
  const transport = await transportOf(link);
  const channels = createChannels({
    environment: process.env,
    runtimeFolder: join(folder, 'run'),
    userId: userInfo().uid,
    ownPaths: () => [],
    installsRsync: () => false,
    log: silentLog,
    now: Date.now,
  });
  const opened: { close(): Promise<void> }[] = [];
  return {
    open(local, remote, { deletes, direction = 'out' }) {
      const specification = {
        direction,
        local_path: `${local}/`,
        remote_path: `~/${remote}/`,
        recursive: true,
        delay: 0,
        delete: deletes,
      } as const;
      const channel = channels.open(specification, () => {});
      opened.push(channel);
      channel.resume(transport);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(opened.map((channel) => channel.close()));
      await link.close();
    },
  };
}
