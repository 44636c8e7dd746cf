// The orphans as clients see them, and their removal when a user names them.
import { PortalError } from '../../protocol/errors.ts';
import type { MethodResults } from '../../protocol/methods.ts';
import type { OrphanView } from '../../protocol/orphan-view.ts';
import { type Belonging, type Belongings, spotPool } from './belonging.ts';
import type { Claims } from './claims.ts';
import { type Orphan, orphansOf } from './decide-orphans.ts';
import type { Log } from './log.ts';
import { storagePrice } from './storage-prices.ts';
import type { Sweep } from './sweep.ts';

export interface OrphansParts {
  readonly belongings: Belongings;
  readonly claims: () => Promise<Claims>;
  readonly sweep: Sweep;
  readonly graceMs: number;
  readonly log: Log;
}

interface RequestContext {
  readonly signal: AbortSignal;
  readonly progress: (message: string) => void;
}

export interface Orphans {
  list(context: RequestContext): Promise<MethodResults['orphan.list']>;
  /** Throws PortalError `not-found`, and touches nothing, if one of the ids is not among the orphans. */
  remove(ids: readonly string[], context: RequestContext): Promise<MethodResults['orphan.remove']>;
}

export function createOrphans({ belongings, claims, sweep, graceMs, log }: OrphansParts): Orphans {
  const look = async ({ signal, progress }: RequestContext): Promise<Orphan[]> => {
    progress('asking EC2 what it has of this installation');
    try {
      const told = await Promise.all([belongings.machines(signal), belongings.storage(signal)]);
      return orphansOf(told.flat(), await claims());
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  };

  /** Prices are an extra: without them the list is told all the same. */
  const pricesOf = async (
    orphans: readonly Orphan[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, number>> => {
    const instances = orphans.map((one) => one.belonging).filter((one) => one.kind === 'instance');
    if (instances.length === 0) return new Map();
    try {
      return await belongings.spotPrices(instances, signal);
    } catch (error) {
      signal.throwIfAborted();
      log.warn({ err: error }, 'could not ask for spot prices');
      return new Map();
    }
  };

  const views = async (orphans: readonly Orphan[], signal: AbortSignal): Promise<OrphanView[]> => {
    const prices = await pricesOf(orphans, signal);
    return orphans.map((one) => viewOf(one, prices, sweep.sighting(one.belonging.id)?.since, graceMs));
  };

  return {
    async list(context) {
      return { orphans: await views(await look(context), context.signal) };
    },
    async remove(ids, context) {
      const orphans = await look(context);
      const wanted = [...new Set(ids)].map((id) => {
        const found = orphans.find((one) => one.belonging.id === id);
        if (found !== undefined) return found;
        throw new PortalError('not-found', `${id} is not among the orphans; nothing was removed`, {
          hint: 'portalctl orphans lists them',
        });
      });
      const removed: Orphan[] = [];
      const failed: MethodResults['orphan.remove']['failed'][number][] = [];
      for (const orphan of wanted) {
        const { belonging, portal } = orphan;
        context.signal.throwIfAborted();
        context.progress(`removing ${belonging.id}`);
        try {
          await belongings.remove(belonging);
          removed.push(orphan);
          log.info({ portal, id: belonging.id }, 'removed what belonged to no record, as asked');
        } catch (error) {
          if (!(error instanceof PortalError)) throw error;
          failed.push({ id: belonging.id, error: { message: error.message, ...error.toData() } });
        }
      }
      return { removed: await views(removed, context.signal), failed };
    },
  };
}

function viewOf(
  { belonging, portal, keptFor, endsByItself }: Orphan,
  prices: ReadonlyMap<string, number>,
  since: number | undefined,
  graceMs: number,
): OrphanView {
  const { id, kind, state, createdAt } = belonging;
  const cost = costOf(belonging, prices);
  return {
    id,
    kind,
    portal,
    state,
    description: descriptionOf(belonging),
    endsByItself,
    ...(createdAt !== undefined && { createdAt: new Date(createdAt).toISOString() }),
    ...(cost !== undefined && { cost }),
    ...(endsByItself && since !== undefined && { endsAt: new Date(since + graceMs).toISOString() }),
    ...(keptFor !== undefined && { keptFor }),
  };
}

function costOf(
  { kind, type, zone, sizeGiB }: Belonging,
  prices: ReadonlyMap<string, number>,
): OrphanView['cost'] {
  if (kind === 'fleet') return undefined;
  const hourly = kind === 'instance';
  const dollars = hourly ? prices.get(spotPool(type, zone)) : storagePrice(kind, type, sizeGiB);
  if (dollars === undefined) return undefined;
  return hourly ? { dollars, per: 'hour', about: false } : { dollars, per: 'month', about: true };
}

function descriptionOf({ kind, type, zone, sizeGiB, origins }: Belonging): string {
  switch (kind) {
    case 'instance':
      return `${type ?? 'instance'} in ${zone ?? 'an unknown zone'}`;
    case 'fleet':
      return 'spot fleet request';
    case 'volume':
      return `${type ?? 'volume'}, ${sizeGiB ?? '?'} GiB, in ${zone ?? 'an unknown zone'}`;
    case 'snapshot':
      return `snapshot of ${origins[0] ?? 'a volume'}, ${sizeGiB ?? '?'} GiB`;
  }
}
