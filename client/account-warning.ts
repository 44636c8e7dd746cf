// The account and Region are the daemon's. Whoever names others in their own environment should know.
import { accountDifferences } from '../protocol/account-difference.ts';
import type { AwsIdentity } from '../protocol/methods.ts';
import type { Environment } from '../protocol/paths.ts';
import type { Output } from './output.ts';

/** What this environment says about the account, as `portal.open` takes it. */
export function ownIdentity(environment: Environment): {
  profile?: string;
  region?: string;
  accessKeyId?: string;
} {
  const profile = environment['AWS_PROFILE'] ?? '';
  const region = environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'] ?? '';
  const accessKeyId = environment['AWS_ACCESS_KEY_ID'] ?? '';
  return {
    ...(profile !== '' && { profile }),
    ...(region !== '' && { region }),
    ...(accessKeyId !== '' && { accessKeyId }),
  };
}

/** The same as `warnOfOtherAccount`, but only the first time that it is called. */
export function accountWarner(output: Output, environment: Environment): (daemon: AwsIdentity) => void {
  let isTold = false;
  return (daemon) => {
    if (!isTold) warnOfOtherAccount(output, environment, daemon);
    isTold = true;
  };
}

/** Warns on stderr about each name that differs from the daemon's, as far as the daemon knows its own. */
export function warnOfOtherAccount(output: Output, environment: Environment, daemon: AwsIdentity): void {
  for (const { sentence, isKnown } of accountDifferences(ownIdentity(environment), daemon)) {
    if (isKnown) output.complain({ text: 'warning: ', style: 'yellow' }, `${sentence}, and that counts`);
  }
}
