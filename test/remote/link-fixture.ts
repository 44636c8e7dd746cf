// Opens links for tests and sees that nothing of them is left.
import type { RemoteLink, RemoteTarget } from '../../daemon/portal/gateways.ts';
import { createRemote } from '../../daemon/remote/remote.ts';
import { eventually } from '../fixture/eventually.ts';

export const silentLog = {
  debug: (): void => {},
  info: (): void => {},
  warn: (): void => {},
  error: (): void => {},
};

/** A link whose runtime folder is `folder`/run. */
export function connectTo(
  folder: string,
  target: RemoteTarget,
  changed: () => void = () => {},
  environment: NodeJS.ProcessEnv = process.env,
): RemoteLink & AsyncDisposable {
  const remote = createRemote({
    runtimeFolder: `${folder}/run`,
    environment,
    log: silentLog,
    now: () => Date.now(),
    random: () => 0.5,
    metadataIntervalMs: () => 50,
  });
  const link = remote.connect(target, changed);
  return { ...link, [Symbol.asyncDispose]: () => link.close() };
}

/** Resolves once the link is connected. */
export function connected(link: RemoteLink): Promise<unknown> {
  return eventually('the link is connected', () => link.status().state === 'connected');
}
