// The user's own commands on an instance: run, their output logged. One that fails takes nothing away; it is told.
import { PortalError } from '../../protocol/errors.ts';
import { linkOf, type PortalContext } from './context.ts';

/**
 * Runs the commands of `field` of the specification; resolves to why one failed, which is also told. Rejects when `signal`
 * aborts or the connection is lost.
 */
export async function runUserCommands(
  field: 'on_open' | 'on_interruption',
  options: { generation: number; timeoutMs: number; signal: AbortSignal },
  context: PortalContext,
): Promise<string | undefined> {
  const commands = context.record().specification[field] ?? [];
  if (commands.length === 0) return undefined;
  const { generation, timeoutMs, signal } = options;
  const portal = context.record().name;
  const link = linkOf(context, generation);
  try {
    await link.runCommands(commands, {
      timeoutMs,
      signal,
      ended: (command, code, output) =>
        context.log.info({ portal, field, command, code, output }, 'command ended'),
    });
    context.tell('info', `${field} was run`);
    return undefined;
  } catch (error) {
    const wasCut = signal.aborted || link.status().state !== 'connected';
    if (wasCut || !(error instanceof PortalError)) throw error;
    context.tell('warning', `${field}: ${error.message}`);
    return error.message;
  }
}
