// What an account has that a specification can name, as clients see it.

export interface Offers {
  readonly account?: string;
  readonly region?: string;
  /** Cheapest first; without a price the type that was asked for is not offered there. */
  readonly zones: readonly { readonly name: string; readonly dollarsPerHour?: number }[];
  readonly keyPairs: readonly string[];
  readonly securityGroups: readonly { readonly id: string; readonly name: string }[];
  readonly subnets: readonly {
    readonly id: string;
    readonly zone: string;
    readonly isDefault: boolean;
    readonly givesPublicAddress: boolean;
  }[];
  /** Those that are free. */
  readonly volumes: readonly {
    readonly id: string;
    readonly name: string;
    readonly sizeGiB: number;
    readonly zone: string;
  }[];
  /** Amazon's Deep Learning images, then the account's own, each newest first; of the type's architecture. */
  readonly images: readonly { readonly id: string; readonly name: string; readonly createdAt: string }[];
}
