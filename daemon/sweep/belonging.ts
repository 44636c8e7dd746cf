// What AWS has of this installation, in the sweep's own words. ec2/ implements `Belongings`.
import type { OrphanKind } from '../../protocol/orphan-view.ts';

export interface Belonging {
  readonly kind: OrphanKind;
  readonly id: string;
  /** EC2's own word. */
  readonly state: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Ids of what it came from: an instance's fleet, a snapshot's volume. */
  readonly origins: readonly string[];
  readonly createdAt?: number;
  /** Instance type or volume type. */
  readonly type?: string;
  readonly zone?: string;
  readonly sizeGiB?: number;
  /** The root volume of an instance, if it is not deleted with the instance. */
  readonly outlivingRoot?: string;
}

export interface Belongings {
  /**
   * Instances and spot fleet requests with this installation's tag, all of them: rejects with PortalError when one page
   * of the answer is missing.
   */
  machines(signal: AbortSignal): Promise<Belonging[]>;
  /** Volumes and snapshots with this installation's tag, likewise. */
  storage(signal: AbortSignal): Promise<Belonging[]>;
  /** Spot prices now, dollars an hour, by `spotPool` of the instances. */
  spotPrices(instances: readonly Belonging[], signal: AbortSignal): Promise<ReadonlyMap<string, number>>;
  /** Puts the owner's tags on a volume that will outlive it. */
  tagVolume(volumeId: string, tags: Readonly<Record<string, string>>): Promise<void>;
  /** Ends a machine, cancels a fleet with its instances, or deletes a volume or snapshot. What is gone already is no failure. */
  remove(belonging: Belonging): Promise<void>;
}

/** Names the pool of machines that share a spot price. */
export function spotPool(type: string | undefined, zone: string | undefined): string {
  return `${type ?? ''} ${zone ?? ''}`;
}
