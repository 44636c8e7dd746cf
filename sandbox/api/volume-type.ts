// What a volume may be: EC2's types, and the bounds of each (EC2's API model and the EBS User Guide, "Amazon EBS volume types").
import type { VolumeShape } from '../cloud/model.ts';
import { Ec2Error } from './error.ts';

interface Range {
  readonly least: number;
  readonly most: number;
  /** At most so much of it for each of what it depends on: IOPS a GiB, MiB/s an operation. */
  readonly ratio: number;
}

interface VolumeType {
  readonly sizeGiB: Omit<Range, 'ratio'>;
  readonly iops?: Range;
  /** What a volume has without being told. */
  readonly usualIops?: number;
  readonly throughput?: Range;
  readonly usualThroughput?: number;
}

const types: Readonly<Record<string, VolumeType>> = {
  standard: { sizeGiB: { least: 1, most: 1024 } },
  gp2: { sizeGiB: { least: 1, most: 16_384 } },
  gp3: {
    sizeGiB: { least: 1, most: 65_536 },
    iops: { least: 3000, most: 80_000, ratio: 500 },
    usualIops: 3000,
    throughput: { least: 125, most: 2000, ratio: 0.25 },
    usualThroughput: 125,
  },
  io1: { sizeGiB: { least: 4, most: 16_384 }, iops: { least: 100, most: 64_000, ratio: 50 } },
  io2: { sizeGiB: { least: 4, most: 65_536 }, iops: { least: 100, most: 256_000, ratio: 1000 } },
  st1: { sizeGiB: { least: 125, most: 16_384 } },
  sc1: { sizeGiB: { least: 125, most: 16_384 } },
};

/** The shape with what it has without being told. Throws EC2's refusals. */
export function checkedShape(wish: VolumeShape): VolumeShape {
  const { type, sizeGiB } = wish;
  const limits = Object.hasOwn(types, type) ? types[type] : undefined;
  if (limits === undefined)
    throw new Ec2Error('InvalidParameterValue', `Value (${type}) for parameter volumeType is invalid.`);
  for (const [name, value, range] of [
    ['iops', wish.iops, limits.iops],
    ['throughput', wish.throughput, limits.throughput],
  ] as const)
    if (value !== undefined && range === undefined)
      throw new Ec2Error(
        'InvalidParameterCombination',
        `The parameter ${name} is not supported for ${type} volumes.`,
      );
  const iops = wish.iops ?? limits.usualIops;
  const throughput = wish.throughput ?? limits.usualThroughput;
  if (iops === undefined && limits.iops !== undefined)
    throw new Ec2Error('MissingParameter', `The parameter iops must be specified for ${type} volumes.`);
  checkSize(sizeGiB, type, limits.sizeGiB);
  checkRange('Volume iops', iops, limits.iops);
  checkRange('Volume throughput', throughput, limits.throughput);
  checkRatio('Iops to volume size', iops, sizeGiB, limits.iops);
  checkRatio('Throughput (MiBps) to iops', throughput, iops ?? 1, limits.throughput);
  return { type, sizeGiB, iops, throughput };
}

function checkSize(sizeGiB: number, type: string, { least, most }: Omit<Range, 'ratio'>): void {
  const refuse = (what: string): Ec2Error =>
    new Ec2Error('InvalidParameterValue', `Volume of ${sizeGiB}GiB is too ${what}GiB.`);
  if (sizeGiB < least) throw refuse(`small for volume type ${type}; minimum is ${least}`);
  if (sizeGiB > most) throw refuse(`large for volume type ${type}; maximum is ${most}`);
}

function checkRange(name: string, value: number | undefined, range: Range | undefined): void {
  if (value === undefined || range === undefined) return;
  const refuse = (what: string): Ec2Error =>
    new Ec2Error('InvalidParameterValue', `${name} of ${value} is too ${what}.`);
  if (value < range.least) throw refuse(`low; minimum is ${range.least}`);
  if (value > range.most) throw refuse(`high; maximum is ${range.most}`);
}

function checkRatio(name: string, value: number | undefined, of: number, range: Range | undefined): void {
  // What every volume of the type has is there whatever its size.
  if (value === undefined || range === undefined || value <= range.least) return;
  const ratio = value / of;
  if (ratio > range.ratio)
    throw new Ec2Error(
      'InvalidParameterValue',
      `${name} ratio of ${ratio.toFixed(6)} is too high; maximum is ${range.ratio}.`,
    );
}

/** Of a volume that becomes another: what the new type has, too, stays unless it is asked for anew. */
export function kept<T>(
  given: T | undefined,
  before: T | undefined,
  type: string,
  what: 'iops' | 'throughput',
): T | undefined {
  return given ?? (types[type]?.[what] === undefined ? undefined : before);
}
