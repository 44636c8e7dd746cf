// What is known of a channel's source over time, so that `delete` takes none that is away, or not filled yet, for one that
// was emptied. Lives as long as the channel, over all its transports.
import { PortalError } from '../../protocol/errors.ts';
import type { ChannelSpecification } from '../../protocol/specification/schema.ts';
import { visibleText } from '../../protocol/visible-text.ts';
import { isEmptyFolder, type LocalPath } from './local-source.ts';

export interface SourceGuard {
  /** Looks at a source here. Throws PortalError `local-path` while nothing may be taken from it. */
  check(local: LocalPath): Promise<void>;
  /** Something is in the source, or was a moment ago. */
  saw(): void;
  /** `delete` is to delete nothing: nothing was seen in the source yet, which may not be what it is to be. */
  holdsDeletion(): boolean;
}

export function createSourceGuard({ local_path: path, delete: deletes }: ChannelSpecification): SourceGuard {
  const shown = visibleText(path);
  /** Of the source, when something was in it first. */
  let fileSystem: number | undefined;
  /** The source was not there, or is another folder than before, and has not had anything in it since. */
  let wasMissing = false;
  let inode: number | undefined;
  let wasFilled = false;
  return {
    async check(local) {
      if (local.kind === 'missing') {
        wasMissing = true;
        throw new PortalError('local-path', `${shown} does not exist`, {
          hint: 'put it back, or correct channels[].local_path; nothing is deleted on the instance meanwhile',
        });
      }
      if (deletes !== true) return;
      const isOther = inode !== undefined && inode !== local.inode;
      inode = local.inode;
      const isEmpty = await isEmptyFolder(path);
      wasMissing = wasFilled && isEmpty && (wasMissing || isOther);
      if (wasMissing) {
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
    saw() {
      wasFilled = true;
    },
    holdsDeletion: () => deletes === true && !wasFilled,
  };
}
