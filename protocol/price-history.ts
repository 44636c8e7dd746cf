// Spot prices over time, as clients see them.

/** The prices of one pool, an instance type in a zone, oldest first. */
export interface PriceSeries {
  readonly type: string;
  readonly zone: string;
  /** Each holds from `at` (ISO 8601) until the next; the first may have begun before the span that was asked for. */
  readonly points: readonly { readonly at: string; readonly dollars: number }[];
}

export interface PriceHistory {
  /** The span, ISO 8601; `to` is now. */
  readonly from: string;
  readonly to: string;
  readonly types: readonly string[];
  /** All zones of the Region that the account may use; those without a series do not offer the type. */
  readonly zones: readonly string[];
  /** The zone of the portal that was asked for. */
  readonly zone?: string;
  /** By type as asked for, then by zone. */
  readonly series: readonly PriceSeries[];
}
