// Who may want a thing in AWS: the records that portald works with, and the files of others that it could not read.
import type { PortalRecord } from '../portal/record.ts';

/** A file among the records that is none of them: set aside as damaged, or put there by hand. */
export interface LeftFile {
  readonly path: string;
  /** The portal whose record it is, by its name. */
  readonly portal: string;
  readonly text: string;
}

export interface Claims {
  readonly installation: string;
  /** Portals that are not closed, by `openingKey`: their own loops deal with what carries their tags. */
  readonly openings: ReadonlySet<string>;
  /** Every record, closed ones too, as text, without its history: what was there once is not wanted for it. */
  readonly records: readonly string[];
  readonly leftFiles: readonly LeftFile[];
}

export function claimsOf(
  installation: string,
  records: readonly PortalRecord[],
  leftFiles: readonly LeftFile[],
): Claims {
  return {
    installation,
    openings: new Set(
      records.filter((one) => one.closedAt === undefined).map((one) => openingKey(one.name, one.opening)),
    ),
    records: records.map(({ history: _past, ...record }) => JSON.stringify(record)),
    leftFiles,
  };
}

/** Names one opening of a portal; neither part can hold a space. */
export function openingKey(portal: string, opening: string): string {
  return `${portal} ${opening}`;
}
