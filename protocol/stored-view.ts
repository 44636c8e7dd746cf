// What a client sees of an EBS volume or snapshot of the account, whether a portal has it or not.

interface StoredView {
  readonly id: string;
  /** Its tag Name; empty without one. */
  readonly name: string;
  readonly sizeGiB: number;
  /** EC2's own word: creating, available, in-use, … of a volume; pending, completed, error, … of a snapshot. */
  readonly state: string;
  /** ISO 8601. */
  readonly createdAt?: string;
  readonly isEncrypted: boolean;
  /** Whether this portald created it, by its tags. */
  readonly isOurs: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

export interface StoredVolumeView extends StoredView {
  /** gp3, io2, … */
  readonly type: string;
  readonly zone: string;
  /** The snapshot that it was made from. */
  readonly snapshotId?: string;
  /** Where it is attached; several only with EBS Multi-Attach. */
  readonly attachments: readonly {
    readonly instanceId: string;
    readonly device: string;
    /** attaching, attached, busy or detaching. */
    readonly state: string;
  }[];
  /** The portal, not closed, whose specification names it. */
  readonly portal?: string;
}

export interface StoredSnapshotView extends StoredView {
  /** The volume that it was taken of. */
  readonly volumeId?: string;
  /** How much of it is copied, 0 to 100. */
  readonly percent?: number;
  readonly description: string;
}
