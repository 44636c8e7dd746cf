// Volumes and snapshots, as clients may use them.
import type { MethodParameters, MethodResults } from '../../protocol/methods.ts';
import type { RequestContext } from './dispatcher.ts';

type Work<M extends keyof MethodParameters & keyof MethodResults> = (
  request: MethodParameters[M],
  context: RequestContext,
) => Promise<MethodResults[M]>;

/**
 * Every method rejects with PortalError for what can be expected to go wrong; with `cancelled` once the client waits no
 * longer, and what AWS was asked by then goes on.
 */
export interface VolumeService {
  readonly list: Work<'volume.list'>;
  readonly listSnapshots: Work<'snapshot.list'>;
  zones(context: RequestContext): Promise<MethodResults['volume.zones']>;
  readonly create: Work<'volume.create'>;
  /** A volume that is not ours, or in use, only with force. */
  readonly update: Work<'volume.update'>;
  /** One that is not ours, or that an open portal names, only with force; an attached one never. */
  readonly delete: Work<'volume.delete'>;
  readonly snapshot: Work<'volume.snapshot'>;
}
