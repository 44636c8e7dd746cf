// What a portal has for itself alone (its name, its volumes, the folders of its channels) from the moment in which a request
// is accepted: between the look whether it is free and the reservation nothing else is done.
import { PortalError } from '../protocol/errors.ts';
import type { Specification } from '../protocol/specification/schema.ts';
import { type ReadSpecification, refuseOverlaps } from './examine-specification.ts';
import { refuseSharedVolumes } from './refusals.ts';

/** A portal that is not closed, or is just being opened or reloaded, with what it has for itself. */
export interface Holder {
  readonly name: string;
  readonly specificationPath: string;
  readonly specification: Specification;
}

export interface Reservations {
  /** Portals on record that are not closed, and those that are just being opened or reloaded. */
  holders(): readonly Holder[];
  /**
   * Reserves what the portal `name` would have until `release` is called. Throws `portal-conflict` if it is just being
   * opened or reloaded, `volume` or `specification-invalid` if another portal has some of it.
   */
  reserve(name: string, read: ReadSpecification): { readonly release: () => void };
  /** Resolves once everything that is reserved now is released. */
  settled(): Promise<void>;
}

/** `onRecord`: the portals that are not closed. */
export function createReservations(onRecord: () => readonly Holder[]): Reservations {
  const reserved = new Map<string, Holder & { readonly released: Promise<void> }>();
  const holders = (): readonly Holder[] => [...onRecord(), ...reserved.values()];
  return {
    holders,
    reserve(name, read) {
      if (reserved.has(name)) {
        throw new PortalError('portal-conflict', `portal ${name} is just being opened or reloaded`, {
          hint: `portalctl status ${name}`,
        });
      }
      const { path, specification } = read;
      refuseSharedVolumes(name, specification, holders());
      refuseOverlaps(
        read,
        holders().filter((one) => one.specificationPath !== path),
      );
      const { promise: released, resolve } = Promise.withResolvers<void>();
      reserved.set(name, { name, specificationPath: path, specification, released });
      return {
        release() {
          reserved.delete(name);
          resolve();
        },
      };
    },
    async settled() {
      await Promise.all([...reserved.values()].map((one) => one.released));
    },
  };
}
