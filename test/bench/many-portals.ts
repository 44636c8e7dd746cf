// Many portals on one portald, in a region that throttles as AWS does.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeltaEvent } from '../../client/connection.ts';
import type { PortalView } from '../../protocol/portal-view.ts';
import { ownDelays, type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';
import { type BuiltDaemon, startBuiltDaemon } from './built-daemon.ts';
import { mountPoint, volumeOf, zone } from './region.ts';

/**
 * As in AWS's "Request throttling for the Amazon EC2 API": a bucket for each action. Filtered calls that change nothing
 * have 100 tokens and 20 more a second, those that change something 50 and 5.
 */
const changing = { burst: 50, ratePerSecond: 5 };
const throttle = {
  '*': { burst: 100, ratePerSecond: 20 },
  RequestSpotFleet: changing,
  CancelSpotFleetRequests: changing,
  AttachVolume: changing,
  DetachVolume: changing,
  CreateTags: changing,
};

/** So many are opened at the same time: what is asked about each before it is accepted would empty the buckets. */
const openedTogether = 20;

export interface ManyPortals {
  readonly stage: ProgramsFixture;
  readonly daemon: BuiltDaemon;
  readonly names: readonly string[];
  /** The latest view of each, by name. */
  readonly views: ReadonlyMap<string, PortalView>;
  openAll(): Promise<void>;
  /** Resolves to those for which `look` did not become true in time. */
  until(names: readonly string[], look: (view: PortalView) => boolean, timeoutMs: number): Promise<string[]>;
  end(): Promise<void>;
}

/** Sets the stage for `count` portals, each with a volume and no channel; `noticeMs` is how long a notice gives. */
export async function setManyPortals(count: number, noticeMs: number): Promise<ManyPortals> {
  const all = Array.from({ length: count }, (_, index) => index);
  const stage = await startProgramsFixture(
    'portald-bench-',
    {
      throttle,
      quota: { spotVCpus: 4 * count + 256 },
      delays: { noticeMs, terminatedVisible: 60_000 },
      volumes: all.map((index) => ({ volumeId: volumeOf(index), zone, sizeGiB: 1, formatted: 'ext4' })),
    },
    ownDelays,
  );
  try {
    const daemon = await startBuiltDaemon(stage.environment);
    stage.keep(daemon.child);
    const views = new Map<string, PortalView>();
    const waiting = new Set<() => void>();
    await daemon.connection.subscribe((event: DeltaEvent) => {
      if (event.type !== 'portal') return;
      views.set(event.portal.name, event.portal);
      for (const wake of waiting) wake();
    });
    const names = all.map((index) => `p${index + 1}`);
    for (const [index, name] of names.entries()) specify(stage, name, index);
    return {
      stage,
      daemon,
      names,
      views,
      async openAll() {
        const open = (name: string) => {
          const path = join(stage.project, `${name}.json`);
          return daemon.connection.call('portal.open', { name, path, text: readFileSync(path, 'utf8') });
        };
        for (let from = 0; from < count; from += openedTogether)
          await Promise.all(names.slice(from, from + openedTogether).map(open));
      },
      until: (wanted, look, timeoutMs) => {
        const missing = (): string[] =>
          wanted.filter((name) => {
            const view = views.get(name);
            return view === undefined || !look(view);
          });
        return new Promise((resolve) => {
          const finish = (): void => {
            waiting.delete(wake);
            clearTimeout(timer);
            resolve(missing());
          };
          const wake = (): void => {
            if (missing().length === 0) finish();
          };
          const timer = setTimeout(finish, timeoutMs);
          waiting.add(wake);
          wake();
        });
      },
      end: () => stage.end(),
    };
  } catch (error) {
    await stage.end();
    throw error;
  }
}

function specify(stage: ProgramsFixture, name: string, index: number): void {
  stage.specify(name, ({ spot_instance, spot_fleet }) => {
    const { python_virtual_env: _, extra_python_packages: __, ...instance } = spot_instance;
    return {
      spot_instance: instance,
      spot_fleet,
      persistent_volumes: [{ volume_id: volumeOf(index), device: '/dev/xvdf', mount_point: mountPoint }],
      channels: [],
    };
  });
}

/** Calls of EC2 a second during `forMs` from now, and the most in one second. */
export async function callsDuring(
  { control }: ProgramsFixture,
  forMs: number,
): Promise<{ average: number; refused: number }> {
  const since = Date.now();
  await sleep(forMs);
  const { calls } = await control.get<{ calls: { time: string; outcome: string }[] }>('calls');
  const own = calls.filter((one) => Date.parse(one.time) >= since);
  const refused = own.filter((one) => one.outcome === 'RequestLimitExceeded').length;
  return { average: (own.length * 1000) / (Date.now() - since), refused };
}
