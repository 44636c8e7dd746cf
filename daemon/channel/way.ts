// How a channel synchronises over one transport: by a pass over everything, and, once one was good, outbound by batches of
// the files that changed, inbound with a watch on the instance.

import { excludeFilter } from '../../protocol/specification/exclude-patterns.ts';
import type { ChannelSpecification } from '../../protocol/specification/schema.ts';
import type { SshTransport } from '../portal/gateways.ts';
import { remoteRoot } from './batch-arguments.ts';
import { type Change, changedFiles } from './changed-files.ts';
import { createExpress, type Express } from './express.ts';
import type { ExpressParts } from './keep-armed.ts';
import type { Passes, PassResult, RunPass } from './pass.ts';
import { baseName, remotePath } from './rsync-arguments.ts';
import type { Moved } from './tally.ts';
import { type RemoteWatch, watchRemote } from './watch-remote.ts';

export interface Way {
  /** Synchronises everything; resolves with what was moved, or a remark if there was nothing yet. Rejects with PortalError. */
  pass(...parameters: Parameters<RunPass>): Promise<PassResult>;
  /** Whether changed files can be sent by their names now. */
  takesNames(): boolean;
  /**
   * Sends what changed. Resolves to `sent`, `nothing` if there was nothing to send, each with whether a pass is needed
   * for what names cannot tell; or to `failed`. Never rejects.
   */
  send(changes: readonly Change[]): Promise<Sent>;
  /** Whether the instance tells of changes there now; and why not, once that is known. */
  isTold(): boolean;
  trouble(): string | undefined;
  /** Ends all that waits or runs. */
  close(): Promise<void>;
}

export interface Sent extends Moved {
  readonly outcome: 'sent' | 'nothing' | 'failed';
  readonly isPassNeeded: boolean;
}

const failed: Sent = { outcome: 'failed', isPassNeeded: true, files: 0, bytes: 0 };

export interface WayParts extends Pick<ExpressParts, 'folder' | 'environment' | 'sessions' | 'log'> {
  readonly specification: ChannelSpecification;
  readonly passes: Passes;
}

/** `changed` is called when something changed on the instance. */
export type Ways = (transport: SshTransport, changed: () => void) => Way;

export function createWays(parts: WayParts): Ways {
  const { specification, passes, sessions } = parts;
  const isIn = specification.direction === 'in';
  const filter = excludeFilter(specification.exclude ?? []);
  const deletes = specification.delete === true;
  const localRoot = specification.local_path;
  // To rsync a folder named without a slash at its end is the first part of every name.
  const prefix = localRoot.endsWith('/') || specification.recursive !== true ? '' : `${baseName(localRoot)}/`;
  const isExcluded = filter && ((name: string): boolean => filter(`${prefix}${name}`, 'file'));
  return (transport, changed) => {
    const pass = passes(transport);
    let express: Express | undefined;
    let watch: RemoteWatch | undefined;
    /** Begins to watch on the instance, unless it cannot be done there. */
    const watchThere = async (): Promise<void> => {
      if (watch?.isEnded() === false || watch?.trouble() !== undefined) return;
      await watch?.close();
      watch = undefined;
      const session = sessions.take(transport);
      watch = watchRemote({
        ...parts,
        transport: session.transport,
        path: remotePath(specification.remote_path),
        isRecursive: specification.recursive === true,
        changed,
        ended: session.giveBack,
      });
    };
    return {
      async pass(signal, transferring) {
        const result = await pass.run(signal, transferring);
        const protocol = pass.batchProtocol();
        if (protocol !== undefined && isExcluded !== undefined && !signal.aborted) {
          express ??= createExpress({
            ...parts,
            transport,
            protocol,
            localRoot,
            remoteRoot: remoteRoot(localRoot, specification.remote_path),
          });
        }
        if (isIn && !('remark' in result) && !signal.aborted) await watchThere();
        return result;
      },
      takesNames: () => express?.isArmed() === true,
      async send(changes) {
        if (express === undefined || isExcluded === undefined) return failed;
        const options = { isExcluded, deletes };
        const { names, bytes, isPassNeeded } = await changedFiles(localRoot, changes, options);
        const moved = { files: names.length, bytes };
        if (names.length === 0) return { outcome: 'nothing', isPassNeeded, ...moved };
        return (await express.send(names)) ? { outcome: 'sent', isPassNeeded, ...moved } : failed;
      },
      isTold: () => watch?.isWatching() === true,
      trouble: () => watch?.trouble() ?? pass.trouble(),
      async close() {
        await Promise.all([express?.close(), watch?.close()]);
      },
    };
  };
}
