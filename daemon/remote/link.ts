// One instance's link: keeps it connected, watches its metadata, shares an OpenSSH connection for the channels, and does
// on it what the portal asks. It owns all of these; `close()` ends them.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PortalError } from '../../protocol/errors.ts';
import type { Difficulty, LinkStatus, RemoteLink, RemoteTarget } from '../portal/gateways.ts';
import { checkGroup } from './check-group.ts';
import { runCommands } from './commands.ts';
import { type Connection, describe, openConnection } from './connection.ts';
import { type ControlPath, createControlPath } from './control-path.ts';
import { formatVolume } from './format-volume.ts';
import { growVolume } from './grow-volume.ts';
import { type Identity, readIdentity } from './identity.ts';
import { inspectVolumes } from './inspect-volumes.ts';
import { keepConnected } from './keep-connected.ts';
import { createMetadataRequests } from './metadata-request.ts';
import { unwatchedMetadata, watchMetadata } from './metadata-watch.ts';
import { mountVolume } from './mount-volume.ts';
import { type OpenSshMaster, startOpenSshMaster } from './openssh-master.ts';
import { clientTransport, type OpenSshSettings } from './openssh-options.ts';
import { installPackages, type RunSupervised } from './packages.ts';
import { knownHosts } from './pinned-host-keys.ts';
import { isBlank } from './prove-blank.ts';
import { type RunScript, runScript, runSupervised } from './remote-command.ts';
import type { RemoteParts } from './remote-parts.ts';
import { unmountVolume } from './unmount-volume.ts';

const loginTimeoutMs = 10_000;

/** Connects to `target` and stays connected until `close()`. `id` is unique among the links of this daemon. */
export function openLink(
  target: RemoteTarget,
  id: string,
  parts: Omit<RemoteParts, 'metadataIntervalMs'> & {
    controlFolder: string;
    metadataIntervalMs: () => number;
  },
  changed: () => void,
): RemoteLink {
  const { environment, log, now, random } = parts;
  // Named alike after a restart of ours: people keep the path of it in their own settings.
  const knownHostsFile = join(parts.controlFolder, `${encodeURIComponent(target.instanceId)}.known_hosts`);
  const closing = new AbortController();
  let status: LinkStatus = {
    state: 'connecting',
    since: now(),
    failedAttempts: 0,
    rebalanceRecommended: false,
  };
  let connection: Connection | undefined;
  let shared: { settings: OpenSshSettings; master: OpenSshMaster } | undefined;
  /** Of the first key met, when nothing was pinned: from then on the only one. */
  let metKeys: readonly string[] = target.hostKeys;

  /** People log in by it when portald cannot, too. Without it they would be asked to accept any key. */
  const writeKnownHosts = (): void => {
    writeFileSync(knownHostsFile, knownHosts(target, metKeys), { mode: 0o600 });
    status = { ...status, knownHostsFile };
  };
  if (metKeys.length > 0) {
    try {
      writeKnownHosts();
    } catch (error) {
      log.warn({ error }, 'the file of known host keys could not be written');
    }
  }

  const update = (
    change: Partial<LinkStatus>,
    ...without: readonly ('difficulty' | 'metadataDifficulty')[]
  ): void => {
    const next = { ...status, ...change };
    for (const name of without) delete next[name];
    status = next;
    changed();
  };
  const metadataTrouble = (message: string | undefined): void => {
    const known = status.metadataDifficulty;
    if (message === undefined) {
      if (known !== undefined) update({}, 'metadataDifficulty');
    } else if (known === undefined)
      update({ metadataDifficulty: unwatchedMetadata(target.instanceId, message, now()) });
  };
  const failed = (error: PortalError): void => {
    const known = status.difficulty;
    const since = known?.kind === error.kind && known.message === error.message ? known.since : now();
    log.debug({ instance: target.instanceId, kind: error.kind, cause: error.cause }, error.message);
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    update({ difficulty: { kind: error.kind, message: error.message, ...hint, since } satisfies Difficulty });
  };

  let identity: Identity | undefined;
  const attempt = async (signal: AbortSignal): Promise<Connection> => {
    if (metKeys.length === 0 && !target.acceptFirstHostKey) {
      throw new PortalError('host-key', `no host key of ${describe(target)} is known`);
    }
    identity = await readIdentity(target.identityFile, environment);
    const opened = await openConnection(target, metKeys, identity, signal);
    try {
      // A login is proved by a command that runs: some images answer with a sentence instead.
      await runScript(opened.client, ':', [], { timeoutMs: loginTimeoutMs, signal });
    } catch (error) {
      opened.end();
      throw error;
    }
    return opened;
  };

  const attend = async (opened: Connection): Promise<void> => {
    connection = opened;
    metKeys = [opened.hostKey];
    update(
      { state: 'connected', since: now(), failedAttempts: 0, hostKey: opened.hostKey },
      'difficulty',
      'metadataDifficulty',
    );
    const lost = new AbortController();
    void opened.closed.then((reason) => lost.abort(reason));
    const signal = AbortSignal.any([closing.signal, lost.signal]);
    const requests = createMetadataRequests(opened.client, run);
    const watching = watchMetadata({
      requests,
      intervalMs: parts.metadataIntervalMs,
      signal,
      log,
      noticed: (notice) => status.notice === undefined && update({ notice }),
      rebalanceRecommended: () => status.rebalanceRecommended || update({ rebalanceRecommended: true }),
      trouble: metadataTrouble,
    });
    await shareWhile(signal);
    requests.close();
    connection = undefined;
    if (!closing.signal.aborted) {
      const reason = new PortalError('ssh', `the connection to ${describe(target)} was lost`);
      update({ state: 'connecting', since: now() });
      failed(reason);
    }
    opened.end();
    await watching;
  };

  /** Holds the shared OpenSSH connection until `signal` aborts. */
  const shareWhile = async (signal: AbortSignal): Promise<void> => {
    let control: ControlPath | undefined;
    try {
      control = await createControlPath(parts.controlFolder, id);
      if (signal.aborted || identity === undefined) return;
      writeKnownHosts();
      const { controlPath } = control;
      const settings = { target, hostKeys: metKeys, identity, controlPath, knownHostsFile };
      const master = startOpenSshMaster({
        settings,
        environment: childEnvironment(environment),
        log,
        changed: () => changed(),
      });
      shared = { settings, master };
      changed();
      await aborted(signal);
      shared = undefined;
      await master.close();
    } catch (error) {
      log.error({ error }, 'the shared OpenSSH connection could not be set up');
      await aborted(signal);
    } finally {
      await control?.remove().catch(() => {});
    }
  };

  const connected = (): Connection => {
    if (connection !== undefined) return connection;
    throw new PortalError('ssh', status.difficulty?.message ?? `not connected to ${describe(target)}`);
  };
  const run: RunScript = async (script, words, options) =>
    runScript(connected().client, script, words, options);
  const supervised: RunSupervised = async (words, options) =>
    runSupervised(connected().client, words, options);
  const whileOpen = (signal: AbortSignal): AbortSignal => AbortSignal.any([signal, closing.signal]);

  const attemptFailed = (error: PortalError): void => {
    status = { ...status, failedAttempts: status.failedAttempts + 1 };
    failed(error);
  };
  const living = keepConnected({
    attempt,
    attend,
    failed: attemptFailed,
    signal: closing.signal,
    random,
  });
  return {
    status: () => status,
    transport: () => (shared?.master.isUp() === true ? clientTransport(shared.settings) : undefined),
    inspectVolumes: (volumes) => inspectVolumes(run, volumes),
    mountVolume: (volume) => mountVolume(run, volume),
    unmountVolume: (volume, options) => unmountVolume(run, volume, options),
    isBlank: (volume) => isBlank(run, volume),
    formatVolume: (volume, options) => formatVolume(run, volume, options),
    growVolume: (volume, sizeGiB) => growVolume(run, volume, sizeGiB),
    checkGroup: (user, group) => checkGroup(run, user, group),
    async flush() {
      const { code } = await run('sync', []);
      if (code !== 0) throw new PortalError('mount', 'flushing the file systems failed');
    },
    installPackages: (name, packages, signal) =>
      installPackages(supervised, name, packages, whileOpen(signal)),
    runCommands: (commands, options) =>
      runCommands(supervised, commands, { ...options, signal: whileOpen(options.signal), now }),
    async close() {
      closing.abort();
      // At once: the next link to the same instance has the same.
      rmSync(knownHostsFile, { force: true });
      await living;
    },
  };
}

/** What OpenSSH needs of our environment, and no more; the agent, if one is needed, is named among its options. */
function childEnvironment({ PATH, HOME, USER }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...(PATH !== undefined && { PATH }),
    ...(HOME !== undefined && { HOME }),
    ...(USER !== undefined && { USER }),
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
