// Spot prices as clients ask for them: of a portal's own instance types, or of those that are named.
import { PortalError } from '../protocol/errors.ts';
import type { MethodParameters, MethodResults } from '../protocol/methods.ts';
import { unknownPortal } from '../protocol/unknown-portal.ts';
import type { LookAtPrices } from './ec2/price-history.ts';
import type { PortalRecord } from './portal/record.ts';

export type PortalPrices = (
  request: MethodParameters['price.history'],
  signal: AbortSignal,
) => Promise<MethodResults['price.history']>;

/** Rejects with PortalError `unknown-portal`, `usage`, or when EC2 cannot be asked. */
export function createPortalPrices(
  records: () => readonly PortalRecord[],
  lookAtPrices: LookAtPrices,
): PortalPrices {
  return async ({ name, types: more = [], days }, signal) => {
    const known = records();
    const record = known.find((one) => one.name === name);
    if (name !== undefined && record === undefined)
      throw unknownPortal(
        name,
        known.map((one) => one.name),
      );
    const wanted = record?.specification.spot_instance;
    const own = wanted === undefined ? [] : [wanted.instance_type, ...(wanted.instance_types ?? [])];
    const types = [...new Set([...own, ...more])];
    if (types.length === 0) {
      throw new PortalError('usage', 'neither a portal nor an instance type is named', {
        hint: 'portalctl price gpu, or portalctl price --type g5.xlarge',
      });
    }
    const history = await lookAtPrices(types, days, signal);
    return { types, ...(wanted !== undefined && { zone: wanted.availability_zone }), ...history };
  };
}
