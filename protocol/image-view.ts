// What a client sees of a machine image (AMI).

export interface ImageView {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** ISO 8601; empty if EC2 does not tell. */
  readonly createdAt: string;
  readonly architecture: string;
  /** Size of the root volume; absent if EC2 does not tell. */
  readonly rootSizeGiB?: number;
  /** An alias such as amazon, else the account's id. */
  readonly owner: string;
}
