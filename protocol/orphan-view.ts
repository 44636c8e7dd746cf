// What a client sees of something in AWS that carries this installation's tags and that no record wants.

export const orphanKinds = ['instance', 'fleet', 'volume', 'snapshot'] as const;
export type OrphanKind = (typeof orphanKinds)[number];

export interface OrphanView {
  readonly id: string;
  readonly kind: OrphanKind;
  /** Name of the portal that it belonged to, by its tag. */
  readonly portal: string;
  /** EC2's own word: running, active, available, completed, … */
  readonly state: string;
  /** What it is, in words: `m5.large in eu-central-1a`, `gp3, 8 GiB`. */
  readonly description: string;
  /** ISO 8601. */
  readonly createdAt?: string;
  /** Absent when it is not known, or when the thing itself costs nothing. `about`: a list price, not the account's. */
  readonly cost?: { readonly dollars: number; readonly per: 'hour' | 'month'; readonly about: boolean };
  /** Whether portald ends it by itself. */
  readonly endsByItself: boolean;
  /** When it is ended at the earliest, ISO 8601; absent until portald has come across it by itself. */
  readonly endsAt?: string;
  /** The file of the record, set aside or not read by portald, for which it is kept. */
  readonly keptFor?: string;
}
