// The spot prices of the market, now and before.
import { instanceTypeOf } from '../cloud/market.ts';
import type { Action } from './call.ts';
import { describe } from './describe.ts';
import { Ec2Error } from './error.ts';
import { textAt, textsAt, timeAt } from './form.ts';

/** EC2's API Reference, DescribeSpotPriceHistory. */
const productDescriptions = ['Linux/UNIX', 'Red Hat Enterprise Linux', 'SUSE Linux', 'Windows'].flatMap(
  (product) => [product, `${product} (Amazon VPC)`],
);

export const describeSpotPriceHistory: Action = describe({
  set: 'spotPriceHistorySet',
  smallestPage: 1,
  parameters: ['InstanceType.n', 'ProductDescription.n', 'AvailabilityZone', 'StartTime', 'EndTime'],
  items: (call) => {
    const types = textsAt(call.form, 'InstanceType');
    const zone = textAt(call.form, 'AvailabilityZone');
    const products = textsAt(call.form, 'ProductDescription');
    for (const product of products)
      if (!productDescriptions.includes(product))
        throw new Ec2Error('InvalidParameterValue', `Invalid product description: ${product}`);
    // The world's prices are those of Linux in a VPC, which EC2 tells by both of its names.
    if (products.length > 0 && !products.some((product) => product.startsWith('Linux/UNIX'))) return [];
    for (const type of types) {
      if (!instanceTypeOf(call.cloud.region.world, type))
        throw new Ec2Error('InvalidParameterValue', `Invalid instance type: ${type}`);
    }
    const startMs = timeAt(call.form, 'StartTime') ?? 0;
    const endMs = timeAt(call.form, 'EndTime') ?? call.nowMs;
    const prices = call.cloud.region.prices
      .filter((price) => types.length === 0 || types.includes(price.instanceType))
      .filter((price) => (zone === undefined || price.zone === zone) && price.atMs <= endMs);
    // The price that held when the span begins is part of the answer.
    return prices
      .filter((price, index) => {
        const next = prices
          .slice(index + 1)
          .find((later) => later.instanceType === price.instanceType && later.zone === price.zone);
        return price.atMs >= startMs || next === undefined || next.atMs > startMs;
      })
      .toReversed();
  },
  filters: {
    'instance-type': (price) => price.instanceType,
    'availability-zone': (price) => price.zone,
    'product-description': () => 'Linux/UNIX',
    'spot-price': (price) => price.dollars.toFixed(6),
  },
  render: (price) => ({
    instanceType: price.instanceType,
    productDescription: 'Linux/UNIX',
    spotPrice: price.dollars.toFixed(6),
    timestamp: new Date(price.atMs),
    availabilityZone: price.zone,
  }),
});
