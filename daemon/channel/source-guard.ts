// What is known of a channel's source over time, so that `delete` takes none that is away, or not filled yet, for one that
// was emptied. Lives as long as the channel, over all its transports.
import { PortalError } from '../../protocol/errors.ts';
import type { ChannelSpecification } from '../../protocol/specification/schema.ts';
import { visibleText } from '../../protocol/visible-text.ts';
import { isEmptyFolder, type LocalPath, refuseFileAsFolder } from './local-source.ts';
import type { RemoteFacts } from './prepare-remote.ts';

export interface SourceGuard {
  /** Looks at a source here. Throws PortalError `local-path` while nothing may be taken from it. */
  check(local: LocalPath): Promise<void>;
  /** Takes note of a source on the instance. Throws PortalError `channel` while nothing may be taken from it. */
  checkThere(facts: RemoteFacts): void;
  /** Something is in the source, or was a moment ago. */
  saw(): void;
  /** `delete` is to delete nothing: nothing was seen in the source yet, which may not be what it is to be. */
  holdsDeletion(): boolean;
}

export function createSourceGuard(specification: ChannelSpecification): SourceGuard {
  const { local_path: path, remote_path: there, delete: deletes } = specification;
  const shown = visibleText(path);
  /** Of the source, when something was in it first. */
  let fileSystem: number | undefined;
  /** The source was not there, or is another folder than before, and has not had anything in it since. */
  let wasMissing = false;
  let identity: string | undefined;
  let wasFilled = false;
  const isHeldBack = (found: string, isEmpty: boolean): boolean => {
    const isOther = identity !== undefined && identity !== found;
    identity = found;
    wasMissing = wasFilled && isEmpty && (wasMissing || isOther);
    return wasMissing;
  };
  return {
    async check(local) {
      if (local.kind === 'missing') {
        wasMissing = true;
        throw new PortalError('local-path', `${shown} does not exist`, {
          hint: 'put it back, or correct channels[].local_path; nothing is deleted on the instance meanwhile',
        });
      }
      refuseFileAsFolder(path, local);
      if (deletes !== true) return;
      const isEmpty = await isEmptyFolder(path);
      if (isHeldBack(String(local.inode), isEmpty)) {
        throw new PortalError('local-path', `${shown} was away or replaced, and is empty now`, {
          hint: 'put its files back, or any file into it: while it is empty, nothing is deleted on the instance',
        });
      }
      if (fileSystem !== undefined && fileSystem !== local.fileSystem) {
        throw new PortalError('local-path', `${shown} lies on another file system than before`, {
          hint: 'mount it again, or reload the portal; nothing is deleted on the instance meanwhile',
        });
      }
      if (isEmpty) return;
      fileSystem = local.fileSystem;
      wasFilled = true;
    },
    checkThere(facts) {
      if (facts.kind === 'missing') wasMissing = true;
      else if (isHeldBack(facts.identity, facts.isEmpty)) {
        if (deletes !== true) return;
        throw new PortalError(
          'channel',
          `${visibleText(there)} on the instance was away or replaced, and is empty now`,
          { hint: 'put its files back, or any file into it: while it is empty, nothing is deleted here' },
        );
      } else if (!facts.isEmpty) wasFilled = true;
    },
    saw() {
      wasFilled = true;
    },
    holdsDeletion: () => deletes === true && !wasFilled,
  };
}
