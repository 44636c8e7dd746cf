// What a request is refused for before anything is done: what is open already, whose account it would be, what there is
// none of.
import { accountDifferences } from '../protocol/account-difference.ts';
import { PortalError } from '../protocol/errors.ts';
import type { AwsIdentity, MethodParameters } from '../protocol/methods.ts';
import type { Specification } from '../protocol/specification/schema.ts';
import type { PortalRecord } from './portal/record.ts';
import { lastingDifferences } from './portal/reload.ts';

/**
 * Whether the portal of this record is to stay as it is, when it is opened from the file at `path`; false if it is closed.
 * Throws `portal-conflict` if it was opened from another file or is being closed.
 */
export function isToStay({ name, closedAt, wish, specificationPath }: PortalRecord, path: string): boolean {
  if (closedAt !== undefined) return false;
  if (specificationPath !== path) {
    throw new PortalError('portal-conflict', `portal ${name} is open from ${specificationPath}`, {
      hint: `close it first (portalctl close ${name}), or give the other file another name`,
    });
  }
  if (wish === 'closed') {
    throw new PortalError('portal-conflict', `portal ${name} is being closed`, {
      hint: `wait until it is closed: portalctl close ${name}`,
    });
  }
  return true;
}

/** A volume is written by one instance at a time: throws `volume` if another portal of `holders` has one of these. */
export function refuseSharedVolumes(
  name: string,
  { persistent_volumes: volumes }: Specification,
  holders: readonly Pick<PortalRecord, 'name' | 'specification'>[],
): void {
  for (const holder of holders) {
    if (holder.name === name) continue;
    const shared = holder.specification.persistent_volumes.find((theirs) =>
      volumes.some((ours) => ours.volume_id === theirs.volume_id),
    );
    if (shared === undefined) continue;
    throw new PortalError('volume', `volume ${shared.volume_id} is used by portal ${holder.name}`, {
      hint: `close that first (portalctl close ${holder.name}); one portal at a time uses a volume`,
    });
  }
}

/**
 * The client's own environment may name another account than the daemon's: then nothing is launched by mistake. Throws
 * `account-mismatch`.
 */
export function refuseOtherAccount(
  client: NonNullable<MethodParameters['portal.open']['environment']>,
  daemon: AwsIdentity,
): void {
  const [differing] = accountDifferences(client, daemon);
  if (differing === undefined) return;
  throw new PortalError('account-mismatch', differing.sentence, {
    hint: `start portald with that ${differing.what}, or unset it here`,
  });
}

/** Throws `portal-conflict` if the edited specification differs in what holds for as long as a portal is open. */
export function refuseLasting({ name, specification }: PortalRecord, edited: Specification): void {
  const fields = lastingDifferences(specification, edited);
  if (fields.length === 0) return;
  throw new PortalError('portal-conflict', `${fields.join(' and ')} cannot change while ${name} is open`, {
    hint: `undo that, or close it and open it again: portalctl close ${name} && portalctl open ${name}`,
  });
}

/** Throws `usage` if the portal has no channel at that position. */
export function refuseUnknownChannel({ name, specification }: PortalRecord, index: number | undefined): void {
  const count = specification.channels.length;
  if (index === undefined ? count > 0 : index < count) return;
  const numbers = count === 0 ? 'none' : count === 1 ? 'one, number 0' : `${count}, from 0 to ${count - 1}`;
  throw new PortalError('usage', `portal ${name} has no channel${index === undefined ? '' : ` ${index}`}`, {
    hint: `its specification has ${numbers}`,
  });
}

/** Throws `portal-conflict` if the portal is closed: the record of another opening may be about to take its place. */
export function refuseClosed({ name, closedAt }: PortalRecord): void {
  if (closedAt === undefined) return;
  throw new PortalError('portal-conflict', `portal ${name} is closed`, { hint: `portalctl open ${name}` });
}
