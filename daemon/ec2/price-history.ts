// Spot prices of instance types over time, in every zone of the Region.
import type { PriceHistory, PriceSeries } from '../../protocol/price-history.ts';
import type { Aws } from './aws.ts';
import { paged, sorted } from './describe.ts';

/** Rejects with PortalError when EC2 cannot be asked. An unknown type has no series. */
export type LookAtPrices = (
  types: readonly string[],
  days: number,
  signal: AbortSignal,
) => Promise<Omit<PriceHistory, 'types' | 'zone'>>;

/** `now`: AWS's time. */
export function createPriceHistory(aws: Aws, now: () => number): LookAtPrices {
  return (types, days, abortSignal) =>
    sorted('asking for spot prices', async () => {
      const ec2 = await aws.client();
      const toMs = now();
      const from = new Date(toMs - days * 86_400_000);
      const [zones, prices] = await Promise.all([
        ec2.describeAvailabilityZones({}, { abortSignal }),
        paged(async (token) => {
          const answer = await ec2.describeSpotPriceHistory(
            {
              // By filter: an unknown type as a parameter would fail the call for all.
              Filters: [{ Name: 'instance-type', Values: [...types] }],
              ProductDescriptions: ['Linux/UNIX'],
              StartTime: from,
              ...token,
            },
            { abortSignal },
          );
          return { items: answer.SpotPriceHistory ?? [], next: answer.NextToken };
        }),
      ]);
      const points = prices
        .map((one) => ({
          type: one.InstanceType ?? '',
          zone: one.AvailabilityZone ?? '',
          atMs: one.Timestamp?.getTime() ?? Number.NaN,
          dollars: Number(one.SpotPrice),
        }))
        .filter((one) => Number.isFinite(one.atMs) && Number.isFinite(one.dollars));
      return {
        from: from.toISOString(),
        // What EC2 tells may be a little younger than its time as it is known here.
        to: new Date(Math.max(toMs, ...points.map((one) => one.atMs))).toISOString(),
        zones: (zones.AvailabilityZones ?? []).map((one) => one.ZoneName ?? '').toSorted(),
        series: types.flatMap((type) => seriesOf(type, points)),
      };
    });
}

interface Point {
  readonly type: string;
  readonly zone: string;
  readonly atMs: number;
  readonly dollars: number;
}

function seriesOf(type: string, points: readonly Point[]): PriceSeries[] {
  const own = points.filter((one) => one.type === type).toSorted((one, other) => one.atMs - other.atMs);
  const zones = [...new Set(own.map((one) => one.zone))].toSorted();
  return zones.map((zone) => ({
    type,
    zone,
    points: own
      .filter((one) => one.zone === zone)
      .map(({ atMs, dollars }) => ({ at: new Date(atMs).toISOString(), dollars })),
  }));
}
