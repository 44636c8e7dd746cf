// A channel's way over a real link, without the channel.
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { limits as defaultLimits, type Limits } from '../../daemon/channel/limits.ts';
import { createPasses } from '../../daemon/channel/pass.ts';
import { createSessions } from '../../daemon/channel/sessions.ts';
import { createWays, type Way } from '../../daemon/channel/way.ts';
import type { ChannelSpecification } from '../../protocol/specification/schema.ts';
import { silentLog } from '../remote/link-fixture.ts';
import type { ChannelFixture } from './channel-fixture.ts';

const outbound = { direction: 'out', local_path: './', remote_path: '~/there/', recursive: true } as const;

export interface WayOptions {
  /** So many sessions wait on the shared connection. */
  readonly limit?: number;
  /** Of rsync and ssh. */
  readonly environment?: NodeJS.ProcessEnv;
  readonly limits?: Limits;
}

/** Outbound and recursive unless `more` says otherwise; the local path is relative to the fixture's folder. */
export async function openWay(
  fixture: ChannelFixture,
  more: Partial<ChannelSpecification> = {},
  { limit = 6, environment = process.env, limits = defaultLimits }: WayOptions = {},
): Promise<Way & AsyncDisposable> {
  const specification: ChannelSpecification = { ...outbound, ...more };
  specification.local_path = `${fixture.local}/${specification.local_path}`;
  const sessions = createSessions(limit);
  const parts = { specification, environment, sessions, limits, log: silentLog };
  const passes = createPasses({ ...parts, userId: -1, ownPaths: () => [], installsRsync: () => false });
  const folder = await mkdtemp(join(fixture.instance.folder, 'ways-'));
  const ways = createWays({ ...parts, passes, folder, now: Date.now, doubtfulSince: undefined });
  const way = ways(await fixture.transport(), { changed() {}, arrived() {} });
  return { ...way, [Symbol.asyncDispose]: () => way.close() };
}
