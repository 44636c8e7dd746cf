// Why AWS gives no instance, in a sentence and with what to do about it. Pure.
import type { ErrorKind } from '../../protocol/errors.ts';

export interface LaunchWords {
  readonly message: string;
  readonly hint: string;
}

/** `types` as they were requested; `said` is AWS's own code and message. */
export function launchWords(
  because: ErrorKind,
  types: readonly string[],
  zone: string,
  said: string,
): LaunchWords {
  const wanted = `${types.join(' or ')} in ${zone}`;
  switch (because) {
    case 'capacity':
      return {
        message: `AWS has no spot capacity for ${wanted} now (${said})`,
        hint: 'portald goes on trying; more types in spot_instance.instance_types find some sooner',
      };
    case 'price':
      return {
        message: `the spot price for ${wanted} is above what is offered now (${said})`,
        hint: 'portald goes on trying; more types in spot_instance.instance_types find a place sooner',
      };
    case 'quota':
      return {
        message: `the account has no spot quota for another ${wanted} (${said})`,
        hint: 'raise the spot vCPU quota of this instance family in Service Quotas, or use another family',
      };
    case 'ended-early':
      return {
        message: `${said}: no instance came of it`,
        hint: 'if nobody cancels spot fleets in this account, look at the history of the fleet in the EC2 console',
      };
    case 'unsupported':
      return {
        message: `AWS cannot launch ${wanted}: ${said}`,
        hint: 'use an instance type that the image and the zone support',
      };
    default:
      return {
        message: `AWS cannot fulfil the spot fleet for ${wanted}: ${said}`,
        hint: 'correct the specification or the role that the message names',
      };
  }
}
