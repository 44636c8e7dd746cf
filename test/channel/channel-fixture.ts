// A channel between a local folder and an instance, over a real link.
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChannelsParts, createChannels } from '../../daemon/channel/channels.ts';
import type {
  Channel,
  ChannelTransport,
  OpenChannel,
  RemoteLink,
  RemoteTarget,
} from '../../daemon/portal/gateways.ts';
import { createRemote } from '../../daemon/remote/remote.ts';
import type { ChannelSpecification } from '../../protocol/specification/schema.ts';
import { eventually } from '../fixture/eventually.ts';
import { type Instance, type InstanceOptions, startInstance } from '../remote/instance.ts';
import { silentLog } from '../remote/link-fixture.ts';

export interface ChannelFixture extends AsyncDisposable {
  readonly instance: Instance;
  readonly link: RemoteLink;
  /** A local folder. */
  readonly local: string;
  /** A folder on the instance; `remoteName` is its name from the login folder. */
  readonly remote: string;
  transport(): Promise<ChannelTransport>;
  /** Opens a channel that is closed with the fixture; paths are relative to `local` and the login folder. */
  open(specification: ChannelSpecification): Channel;
}

/** With `alsoHere`, the programs that the instance is given come first here, too. */
export async function startChannelFixture(
  options: InstanceOptions & {
    readonly installsRsync?: boolean;
    readonly alsoHere?: boolean;
    /** What is never carried, by its path from the local folder; asked for each time. */
    readonly own?: () => readonly string[];
  } = {},
): Promise<ChannelFixture> {
  const instance = await startInstance(options);
  const link = linkTo(instance.folder, instance.target);
  const local = join(instance.folder, 'local');
  const remote = join(instance.home, 'there');
  await mkdir(local);
  await mkdir(remote);
  const opened: Channel[] = [];
  const channels = channelsIn(instance.folder, {
    installsRsync: () => options.installsRsync === true,
    ownPaths: () => (options.own?.() ?? []).map((name) => join(local, name)),
    ...(options.alsoHere === true && {
      environment: withPrograms(instance),
    }),
  });
  return {
    instance,
    link,
    local,
    remote,
    transport: () => transportOf(link),
    open(specification) {
      const path = `${local}/${specification.local_path}`;
      const channel = channels.open({ ...specification, local_path: path }, () => {});
      opened.push(channel);
      return channel;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(opened.map((channel) => channel.close()));
      await link.close();
      await instance[Symbol.asyncDispose]();
    },
  };
}

/** Of a channel on the instance's own disk, once there is one. */
export async function transportOf(link: RemoteLink, limitMs?: number): Promise<ChannelTransport> {
  const transport = await eventually('the transport is there', () => link.transport(), limitMs);
  return { ...transport, mounts: [] };
}

/** No channel asks the metadata of its instance, and each look there starts programs: one at the beginning will do. */
const metadataIntervalMs = 3_600_000;

/** A link whose runtime folder is `folder`/run. */
export function linkTo(folder: string, target: RemoteTarget): RemoteLink & AsyncDisposable {
  const remote = createRemote({
    runtimeFolder: join(folder, 'run'),
    environment: process.env,
    log: silentLog,
    now: () => Date.now(),
    random: () => 0.5,
    metadataIntervalMs: () => metadataIntervalMs,
  });
  const link = remote.connect(target, () => {});
  return { ...link, [Symbol.asyncDispose]: () => link.close() };
}

/** Whether the file at `path` is this text, as a condition to wait for; what is no file, or not there yet, is not. */
export function holds(path: string, text: string): () => boolean {
  return () => {
    try {
      return readFileSync(path, 'utf8') === text;
    } catch {
      return false;
    }
  };
}

/** As portald has them, with what they need in a folder. */
export function channelsIn(
  folder: string,
  options: Partial<Pick<ChannelsParts, 'environment' | 'installsRsync' | 'ownPaths'>> = {},
): { open: OpenChannel } {
  return createChannels({
    environment: process.env,
    installsRsync: () => false,
    ownPaths: () => [],
    ...options,
    runtimeFolder: join(folder, 'run'),
    userId: process.getuid?.() ?? -1,
    log: silentLog,
    now: () => Date.now(),
  });
}

export const patient = { timeoutMs: 20_000, signal: new AbortController().signal };

/** Our environment, in which the programs that the instance was given come first, here too. */
export function withPrograms({ folder }: Instance): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}` };
}
