// Of which type a volume is to be, and what goes with it.
import type { Call } from './call.ts';
import { Ec2Error } from './error.ts';
import { numberAt, textAt } from './form.ts';

const types = ['standard', 'gp2', 'gp3', 'io1', 'io2', 'st1', 'sc1'];

/** The wished type, which must be one of EC2's. */
export function typeOf(call: Call, fallback: string): string {
  const type = textAt(call.form, 'VolumeType') ?? fallback;
  if (!types.includes(type))
    throw new Ec2Error('InvalidParameterValue', `Value (${type}) for parameter volumeType is invalid.`);
  return type;
}

/** Needed for io1 and io2, allowed for gp3, refused for the others. */
export function iopsOf(call: Call, type: string): number | undefined {
  const iops = numberAt(call.form, 'Iops');
  if (iops === undefined && type.startsWith('io'))
    throw new Ec2Error('MissingParameter', `The parameter iops must be specified for ${type} volumes.`);
  if (iops !== undefined && !/^io|^gp3$/.test(type))
    throw new Ec2Error(
      'InvalidParameterCombination',
      `The parameter iops is not supported for ${type} volumes.`,
    );
  return iops;
}
