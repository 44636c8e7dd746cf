// About what stored data costs. AWS's list prices of EBS in us-east-1 (aws.amazon.com/ebs/pricing), dollars per GiB and
// month, without provisioned throughput; other Regions differ by up to a half. Spot prices are asked for, not kept here.

const volumePrices: Readonly<Record<string, number>> = {
  gp3: 0.08,
  gp2: 0.1,
  io1: 0.125,
  io2: 0.125,
  st1: 0.045,
  sc1: 0.015,
  standard: 0.05,
};

/** At the most: a snapshot is billed for the blocks that it holds, which EC2 does not tell. */
const snapshotPrice = 0.05;

/** About dollars a month; undefined for a volume type that is not in the list. */
export function storagePrice(
  kind: 'volume' | 'snapshot',
  type: string | undefined,
  sizeGiB: number | undefined,
): number | undefined {
  const price = kind === 'snapshot' ? snapshotPrice : volumePrices[type ?? ''];
  return price === undefined || sizeGiB === undefined ? undefined : price * sizeGiB;
}
