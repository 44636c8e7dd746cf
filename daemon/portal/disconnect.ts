// The end of everything that the daemon holds on one instance: its connection, its tasks, its channels.
import type { PortalContext } from './context.ts';

/** Resolves once nothing of it runs. Idempotent; the record is not touched. */
export async function disconnect(generation: number, context: PortalContext): Promise<void> {
  if (context.channels.runsOn() === generation)
    await context.channels.pause('the instance is not used any more');
  const link = context.links.get(generation);
  context.links.delete(generation);
  context.mounts.delete(generation);
  // Closing the connection first makes the tasks that wait for the instance end.
  await link?.close();
  await context.tasks.clear(generation);
}
